import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderDoctor } from "../../../../src/output/text/doctor.ts";

test("a line for each check, its fix below it, and the count", () => {
  const about = "machine" as const;
  const report = {
    failures: 1,
    warnings: 1,
    checks: [
      { name: "engine", about, outcome: "ok", text: "28.5.1", fix: undefined },
      { name: "memory", about, outcome: "warning", text: "little", fix: "docker stats" },
      { name: "port mlflow", about, outcome: "failure", text: "5000 is held", fix: "kill 42" },
    ],
    skipped: [
      { name: "names", why: "the engine is off" },
      { name: "mounts", why: "the engine is off" },
    ],
  } as const;
  expect(renderDoctor(report, createPaint(false)).split("\n")).toEqual([
    "✔ engine       28.5.1",
    "! memory       little",
    "               fix docker stats",
    "✖ port mlflow  5000 is held",
    "               fix kill 42",
    "Not looked at, since the engine is off: names, mounts.",
    "1 failure, 1 warning, 1 ok.",
  ]);
});

test("nothing that isn't there", () => {
  const report = { failures: 0, warnings: 0, checks: [], skipped: [] };
  expect(renderDoctor(report, createPaint(false))).toBe("0 ok.");
});
