import { describe, expect, test } from "vitest";
import { isFailed, isWell, judgeServices } from "../../../src/stack/health.ts";
import type { ContainerObservation } from "../../../src/stack/ports.ts";

const container: ContainerObservation = {
  id: "c1",
  name: "housing-mlflow-1",
  service: "mlflow",
  state: "running",
  health: "none",
  exitCode: 0,
  oomKilled: false,
  restartCount: 0,
  createdAtMs: Date.UTC(2026, 0, 2),
  startedAt: "2026-01-02T00:00:00.000Z",
  startedAtMs: Date.UTC(2026, 0, 2),
  image: "mlflow:1",
  healthOutput: "",
};

function judge(change: Partial<ContainerObservation>, oneShots: readonly string[] = []) {
  const [health] = judgeServices(["mlflow"], oneShots, [{ ...container, ...change }]);
  if (health === undefined) throw new Error("no verdict");
  return health;
}

describe("a service that stays", () => {
  test.each<[Partial<ContainerObservation>, string, string]>([
    [{ health: "healthy" }, "healthy", ""],
    [{ health: "none" }, "healthy", ""],
    [{ health: "starting" }, "starting", ""],
    [{ health: "starting", healthOutput: "connection refused" }, "starting", "connection refused"],
    [{ health: "unhealthy", healthOutput: "curl: (22) 500" }, "unhealthy", "curl: (22) 500"],
    [{ state: "created" }, "starting", "waits for what it depends on"],
    [{ state: "restarting", restartCount: 3 }, "starting", "restarting, 3 times so far"],
    [{ state: "paused" }, "paused", ""],
    [{ state: "exited", exitCode: 0 }, "exited", "exit code 0"],
    [{ state: "exited", exitCode: 137 }, "exited", "exit code 137"],
    [
      { state: "exited", exitCode: 137, oomKilled: true },
      "exited",
      "killed because it reached its memory limit",
    ],
    [{ state: "dead", exitCode: 1 }, "exited", "exit code 1"],
    [{ state: "removing", exitCode: 1 }, "exited", "exit code 1"],
  ])("with %j is %s: %j", (change, state, detail) => {
    expect(judge(change)).toMatchObject({ service: "mlflow", state, detail });
  });
});

describe("a one-shot", () => {
  test.each<[Partial<ContainerObservation>, string]>([
    [{ state: "created" }, "starting"],
    [{ state: "running" }, "starting"],
    [{ state: "exited", exitCode: 0 }, "completed"],
    [{ state: "exited", exitCode: 2 }, "exited"],
  ])("with %j is %s", (change, state) => {
    expect(judge(change, ["mlflow"])).toMatchObject({ state });
  });
});

test("each service has a verdict, in the order asked for, also without a container", () => {
  const verdicts = judgeServices(["airflow", "mlflow"], [], [container]);
  expect(verdicts.map(({ service, state }) => `${service} ${state}`)).toEqual([
    "airflow absent",
    "mlflow healthy",
  ]);
});

test("a container that belongs to no service of the stack changes nothing", () => {
  expect(judgeServices(["mlflow"], [], [{ ...container, service: "old" }])).toMatchObject([
    { state: "absent" },
  ]);
});

test("well are healthy and completed, failed are unhealthy and exited; the others may become either", () => {
  const states = ["absent", "starting", "healthy", "unhealthy", "paused", "exited", "completed"] as const;
  const verdict = (state: (typeof states)[number]) => ({ ...judge({}), state });
  expect(states.filter((state) => isWell(verdict(state)))).toEqual(["healthy", "completed"]);
  expect(states.filter((state) => isFailed(verdict(state)))).toEqual(["unhealthy", "exited"]);
});
