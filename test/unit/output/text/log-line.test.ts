import { describe, expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { createLineRenderer } from "../../../../src/output/text/log-line.ts";

const line = (service: string, text: string) =>
  ({ service, stream: "stdout", at: "2026-01-02T03:04:05.123456789Z", text }) as const;

describe("a line of a service", () => {
  test("comes after the service's name, in a column", () => {
    const render = createLineRenderer(createPaint(false));
    expect([
      render(line("minio", "a")),
      render(line("airflow-migrate", "b")),
      render(line("minio", "c")),
    ]).toEqual(["minio    | a", "airflow-migrate | b", "minio           | c"]);
  });

  test("has the time, or nothing, before it when that is wanted", () => {
    const render = createLineRenderer(createPaint(false));
    expect(render(line("minio", "a"), ["service", "time"])).toBe("minio    | 2026-01-02T03:04:05.123Z a");
    expect(render(line("minio", "a"), [])).toBe("a");
  });

  test("has a colour for each service", () => {
    const render = createLineRenderer(createPaint(true));
    const colorOf = (text: string): string => text.slice(0, text.indexOf("m"));
    const [a, b, again] = [render(line("a", "")), render(line("b", "")), render(line("a", ""))].map(colorOf);
    expect(a).not.toBe(b);
    expect(again).toBe(a);
  });
});

test("a line of a task is as the task wrote it", () => {
  const render = createLineRenderer(createPaint(true));
  expect(render({ dagId: "d", runId: "r", task: "t", tryNumber: 1, text: "Done." })).toBe("Done.");
});
