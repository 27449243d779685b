import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderTimings } from "../../../../src/output/text/timings.ts";
import type { TimingsReport } from "../../../../src/stack/timings.ts";

const report: TimingsReport = {
  last: {
    startedAtMs: 0,
    kind: "first",
    totalMs: 10_000,
    phases: [
      { name: "preflight", startMs: 0, endMs: 200 },
      { name: "airflow", startMs: 200, endMs: 9000 },
      { name: "airflow/import", startMs: 200, endMs: 4000 },
      { name: "probes", startMs: 9000, endMs: 10_000 },
    ],
  },
  criticalPath: ["preflight", "airflow/import", "probes"],
  history: {
    starts: 3,
    medianMs: 9000,
    slowerByMs: 1000,
    slowest: { phase: "airflow/import", slowerByMs: 800 },
  },
};
const render = (change: Partial<TimingsReport> = {}) =>
  renderTimings({ ...report, ...change }, createPaint(false));

test("each phase has a bar in its place, and those that decided the length are filled", () => {
  expect(render()).toMatchInlineSnapshot(`
    "Last start on empty volumes: 10.0 s
      preflight  200 ms  █
      airflow    8.8 s    ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
        import   3.8 s    ███████████████████
      probes     1.0 s                                                █████
    Critical path: preflight → airflow/import → probes
    1.0 s slower than the median of 3 earlier starts (9.0 s); most of it in airflow/import, by 800 ms."
  `);
});

test("a faster start is told as faster, and a first one as the first", () => {
  const slowest = { phase: "probes", slowerByMs: 20 };
  expect(render({ history: { starts: 1, medianMs: 9000, slowerByMs: -500, slowest } })).toMatch(
    /\n500 ms faster than the median of 1 earlier start \(9\.0 s\)\.$/u,
  );
  expect(render({ history: undefined })).toMatch(/\nNo earlier start of this kind to compare with\.$/u);
});

test("of a start that failed the error is told", () => {
  const last = { ...report.last, kind: "failed", code: "SERVICE_UNHEALTHY" } as const;
  const lines = render({ last, history: undefined }).split("\n");
  expect(lines[0]).toBe("Last start (failed with SERVICE_UNHEALTHY): 10.0 s");
  expect(lines.at(-1)).toBe("A start that failed is not compared with others.");
});

test("a bar never leaves its field", () => {
  const phases = [{ name: "late", startMs: 99_000, endMs: 99_001 }];
  const [, line = ""] = render({ last: { ...report.last, totalMs: 10, phases } }).split("\n");
  expect(line.length).toBeLessThan(90);
});
