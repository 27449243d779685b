import { expect, test } from "vitest";
import type { StartRecord } from "../../../src/stack/timeline.ts";
import { reportTimings } from "../../../src/stack/timings.ts";

function start(
  totalMs: number,
  kind: StartRecord["kind"] = "restart",
  phases: StartRecord["phases"] = [],
): StartRecord {
  return { startedAtMs: 0, kind, totalMs, phases };
}

const phase = (name: string, startMs: number, endMs: number) => ({ name, startMs, endMs });

test("before the first start there is nothing to report", () => {
  expect(() => reportTimings([])).toThrow(expect.objectContaining({ code: "STACK_NOT_RUNNING" }));
});

test("the critical path goes back from the last phase to what it waited for", () => {
  const phases = [
    phase("preflight", 0, 300),
    phase("images", 300, 400),
    phase("compose", 400, 1650),
    phase("postgres", 500, 1500),
    phase("minio", 500, 900),
    { ...phase("airflow", 1600, 9000), after: ["minio", "postgres"] },
    phase("mlflow", 1600, 4000),
    phase("probes", 9100, 9500),
  ];
  expect(reportTimings([start(9500, "first", phases)]).criticalPath).toEqual([
    "preflight",
    "images",
    "compose",
    "postgres",
    "airflow",
    "probes",
  ]);
});

test("a service that waits for no other is on the path by itself, however others overlap with it", () => {
  const phases = [
    phase("images", 0, 100),
    phase("compose", 100, 1100),
    phase("postgres", 700, 1200),
    phase("mlflow", 800, 4000),
    phase("mlflow/import", 900, 3500),
    phase("airflow", 1150, 6000),
    phase("airflow/database", 1150, 1200),
    phase("airflow/import", 1150, 3000),
    phase("airflow/api-server", 3000, 5800),
    phase("airflow/scheduler", 3000, 4500),
    phase("probes", 6000, 6400),
  ];
  expect(reportTimings([start(6400, "restart", phases)]).criticalPath).toEqual([
    "images",
    "compose",
    "airflow/import",
    "airflow/api-server",
    "probes",
  ]);
});

test("of the parts of a phase, only those count that began before what it led to", () => {
  const phases = [
    phase("compose", 0, 1200),
    phase("compose/create", 0, 300),
    phase("compose/start", 300, 1200),
    phase("compose/attach", 1100, 1200),
    phase("airflow", 700, 6000),
  ];
  expect(reportTimings([start(6000, "restart", phases)]).criticalPath).toEqual([
    "compose/create",
    "compose/start",
    "airflow",
  ]);
});

test("a phase with parts is explained by its parts", () => {
  const phases = [
    phase("airflow", 0, 5000),
    phase("airflow/import", 0, 3000),
    phase("airflow/migrate", 3000, 5000),
  ];
  expect(reportTimings([start(5000, "first", phases)]).criticalPath).toEqual([
    "airflow/import",
    "airflow/migrate",
  ]);
});

test("a start is compared with earlier ones of its kind alone", () => {
  const records = [start(90_000, "build"), start(4000), start(6000), start(5000), start(7000)];
  expect(reportTimings(records).history).toMatchObject({ starts: 3, medianMs: 5000, slowerByMs: 2000 });
});

test("one that failed is compared with none, nor is any with it", () => {
  const failed = start(90_000, "failed");
  expect(reportTimings([start(4000), failed, start(5000)]).history).toMatchObject({
    starts: 1,
    medianMs: 4000,
  });
  expect(reportTimings([failed, start(4000), failed]).history).toBeUndefined();
});

test("of what decided a start, the part is told that took longer than usual by the most", () => {
  const of = (...lengths: readonly [preflight: number, mlflow: number, probes: number]) => {
    const [preflight, mlflow, probes] = lengths;
    const phases = [
      phase("preflight", 0, preflight),
      phase("mlflow", preflight, preflight + mlflow),
      phase("probes", preflight + mlflow, preflight + mlflow + probes),
    ];
    return start(preflight + mlflow + probes, "restart", phases);
  };
  const usual = [of(100, 3000, 300), of(120, 3200, 280), of(90, 2900, 310)];
  const slower = reportTimings([...usual, of(600, 7000, 300)]).history;
  expect(slower?.slowest).toEqual({ phase: "mlflow", slowerByMs: 4000 });
  expect(reportTimings([...usual, of(90, 2800, 290)]).history?.slowest).toBeUndefined();
});

test("of two earlier starts the median is their mean", () => {
  expect(reportTimings([start(4000), start(6000), start(4500)]).history).toMatchObject({
    starts: 2,
    medianMs: 5000,
    slowerByMs: -500,
  });
});

test("the first of its kind is compared with none", () => {
  expect(reportTimings([start(90_000, "build"), start(4000)]).history).toBeUndefined();
});
