import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderReport } from "../../../../src/output/text/report.ts";

test("a report is told by its place, what is in it, and what isn't", () => {
  const result = {
    path: "/p/.stack/stack-report.tar.gz",
    bytes: 2048,
    files: [
      { path: "README.txt", about: "this list", bytes: 100 },
      { path: "logs/mlflow.log", about: "the last 2000 lines of mlflow", bytes: 4096 },
    ],
    missing: [{ path: "stack.yaml", why: "there is none" }],
  };
  expect(renderReport(result, createPaint(false)).split("\n")).toEqual([
    "Report  /p/.stack/stack-report.tar.gz  2.0 KiB",
    "  README.txt       100 B    this list",
    "  logs/mlflow.log  4.0 KiB  the last 2000 lines of mlflow",
    "  without stack.yaml: there is none",
    "Secrets are masked; names of files, hosts and DAGs are not: look it over before you give it away.",
  ]);
});
