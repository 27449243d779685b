import { describe, expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderStatus } from "../../../../src/output/text/status.ts";
import type { ServiceStatus, StatusReport } from "../../../../src/stack/status-report.ts";

const nowMs = Date.UTC(2026, 0, 2, 12);
const ago = (seconds: number): string => new Date(nowMs - seconds * 1000).toISOString();

const service: ServiceStatus = {
  service: "postgres",
  state: "healthy",
  detail: "",
  since: ago(90),
  memoryBytes: 40 * 1024 ** 2,
  endpoints: [],
  components: [],
};

const report: StatusReport = {
  project: "housing",
  line: "current",
  endOfLife: undefined,
  state: "up",
  services: [
    service,
    {
      ...service,
      service: "airflow",
      memoryBytes: 700 * 1024 ** 2,
      endpoints: ["http://localhost:8080"],
      components: [
        {
          name: "scheduler",
          state: "healthy",
          since: ago(30),
          restarts: 2,
          lastExit: "exit code 1",
          memoryBytes: 9 * 1024 ** 2,
        },
      ],
    },
    { ...service, service: "init", state: "completed", memoryBytes: undefined },
  ],
  airflow: {
    components: [
      { name: "metadatabase", status: "healthy", latestHeartbeat: undefined },
      { name: "scheduler", status: "unhealthy", latestHeartbeat: ago(300) },
    ],
    brokenFiles: [],
    dags: [
      {
        dagId: "tutorial",
        isPaused: false,
        hasImportErrors: false,
        lastRun: { dagId: "tutorial", runId: "r1", state: "success", startedAt: ago(100), endedAt: ago(60) },
      },
      { dagId: "broken", isPaused: false, hasImportErrors: true, lastRun: undefined },
      { dagId: "asleep", isPaused: true, hasImportErrors: false, lastRun: undefined },
    ],
  },
  mlflow: { experiments: 2, runs: 3, registeredModels: 1 },
  storage: { buckets: [] },
  probes: [
    { from: "airflow", to: "mlflow", outcome: "ok", cause: undefined, detail: "", fix: "", durationMs: 12 },
    {
      from: "mlflow",
      to: "s3",
      outcome: "failed",
      cause: "bad-credentials",
      detail: "S3 answers 403",
      fix: "x",
      durationMs: 9,
    },
    {
      from: "host",
      to: "s3",
      outcome: "unknown",
      cause: undefined,
      detail: "no curl",
      fix: "",
      durationMs: 9,
    },
  ],
  problems: [],
};
const render = (change: Partial<StatusReport> = {}, isColored = false) =>
  renderStatus({ ...report, ...change }, createPaint(isColored), nowMs);

const unasked = { airflow: undefined, mlflow: undefined, storage: undefined, probes: [] };

describe("a stack that runs", () => {
  test("shows services, Airflow, MLflow, hops and buckets", () => {
    expect(render()).toMatchInlineSnapshot(`
      "Stack housing  up, 740.0 MiB of memory

      Services
        postgres     healthy    1 min  40.0 MiB
        airflow      healthy    1 min  700.0 MiB  http://localhost:8080
          scheduler  healthy    30 s   9.0 MiB    restarted 2×, last ended with exit code 1
        init         completed

      Airflow
        metadatabase  healthy
        scheduler     unhealthy  heartbeat 5 min ago
      DAGs
        tutorial  active        last run success 1 min ago
        broken    import error  never run
        asleep    paused        never run

      MLflow  2 experiments, 3 runs, 1 registered model

      Hops
        airflow → mlflow  ok               12 ms
        mlflow → s3       bad-credentials  S3 answers 403
        host → s3         unknown          no curl

      Buckets
        none"
    `);
  });

  test("shows why a service isn't well, on one line", () => {
    const ill: ServiceStatus = {
      ...service,
      state: "exited",
      detail: "exit code 3\nTraceback",
      memoryBytes: undefined,
    };
    expect(render({ ...unasked, state: "partial", services: [ill] })).toBe(
      ["Stack housing  not healthy", "", "Services", "  postgres  exited  1 min    exit code 3"].join("\n"),
    );
  });

  test("says when there is no DAG yet", () => {
    expect(render({ airflow: { components: [], dags: [], brokenFiles: [] } })).toContain(
      "DAGs\n  no DAGs yet",
    );
  });

  test("names the first of many files that can't be imported, and counts them", () => {
    const brokenFiles = Array.from({ length: 300 }, (_, index) => `broken_${index + 100}.py`);
    expect(render({ airflow: { components: [], dags: [], brokenFiles } })).toContain(
      "\n  300 files with import errors  broken_100.py, broken_101.py, broken_102.py, broken_103.py, broken_104.py, ...; see `stack dags check`",
    );
  });

  test("shows no more than could be asked", () => {
    expect(render({ ...unasked, services: [service] })).not.toMatch(/Airflow|MLflow|Hops|Buckets/u);
  });
});

describe("a stack that doesn't", () => {
  test.each([
    ["down", "Stack housing  down"],
    ["engine-off", "Stack housing  unknown, the Docker engine doesn't answer"],
  ] as const)("%s is a line", (state, line) => {
    const services = [{ ...service, state: "absent", memoryBytes: undefined } as const];
    expect(render({ ...unasked, state, services })).toBe(line);
  });

  test("paused shows its services all the same", () => {
    const services = [{ ...service, state: "paused" } as const];
    expect(render({ ...unasked, state: "paused", services })).toMatch(
      /^Stack housing {2}paused.*\n\nServices\n/u,
    );
  });
});

test("colours change nothing but colours", () => {
  // oxlint-disable-next-line no-control-regex
  expect(render({}, true).replaceAll(/\u001B\[\d+m/gu, "")).toBe(render());
  expect(render({}, true)).not.toBe(render());
});
