import { describe, expect, test } from "vitest";
import { judgeServices } from "../../../src/stack/health.ts";
import type { History } from "../../../src/stack/incidents.ts";
import type { ContainerObservation } from "../../../src/stack/ports.ts";
import { serviceError } from "../../../src/stack/service-error.ts";
import { createFakeEngine } from "../../support/fake-engine.ts";

const base: ContainerObservation = {
  id: "c1",
  name: "housing-mlflow-1",
  service: "mlflow",
  state: "exited",
  health: "none",
  exitCode: 0,
  oomKilled: false,
  restartCount: 0,
  createdAtMs: 0,
  startedAt: undefined,
  startedAtMs: undefined,
  image: "mlflow:1",
  healthOutput: "",
};
const quiet: History = { deaths: 1, wasOutOfMemory: false, signal: undefined };

async function errorOf(
  change: Partial<ContainerObservation>,
  history?: History,
  log: readonly string[] = [],
) {
  const container = { ...base, ...change };
  const engine = createFakeEngine();
  engine.world.add({ id: container.id, service: "mlflow", behaviour: { log } });
  const [health] = judgeServices(["mlflow"], [], [container]);
  if (health === undefined) throw new Error("no verdict");
  return await serviceError(health, engine, history);
}

describe("a failed service's error", () => {
  test.each([
    [{ exitCode: 3 }, quiet, "The service mlflow exited (exit code 3)."],
    [{ exitCode: 3 }, undefined, "The service mlflow exited (exit code 3)."],
    [
      { exitCode: 137, oomKilled: true },
      quiet,
      "The service mlflow was killed because it reached its memory limit (exit code 137).",
    ],
    [
      { exitCode: 137 },
      { ...quiet, wasOutOfMemory: true },
      "The service mlflow was killed because it reached its memory limit (exit code 137).",
    ],
    [
      { exitCode: 137 },
      { ...quiet, signal: 9 },
      "The service mlflow was killed from outside (SIGKILL, exit code 137).",
    ],
    [
      { exitCode: 137 },
      quiet,
      expect.stringMatching(
        /was killed \(SIGKILL, exit code 137\), and not at its own memory limit: .* ran out of memory/u,
      ),
    ],
    [
      { exitCode: 0 },
      { ...quiet, signal: 15 },
      "The service mlflow was stopped from outside (signal 15, exit code 0).",
    ],
    [
      { exitCode: 1 },
      { ...quiet, deaths: 4 },
      "The service mlflow exited (exit code 1). It has ended 4 times since it was started.",
    ],
    [
      { exitCode: 1, healthOutput: "no database" },
      quiet,
      "The service mlflow exited (exit code 1). Its last healthcheck said: no database.",
    ],
    [
      { state: "running", health: "unhealthy", healthOutput: "500" } as const,
      quiet,
      "The service mlflow is unhealthy (500).",
    ],
    [
      { state: "restarting", restartCount: 5 } as const,
      quiet,
      "The service mlflow keeps ending (restarting, 5 times so far). It has ended 5 times since it was started.",
    ],
  ])("%j, %j", async (change, history, message) => {
    await expect(errorOf(change, history)).resolves.toMatchObject({ code: "SERVICE_UNHEALTHY", message });
  });

  test("keeps its last lines, and tells where the rest is", async () => {
    const log = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    await expect(errorOf({ exitCode: 3 }, quiet, log)).resolves.toMatchObject({
      hint: "See its whole log with `stack logs mlflow --tail all`; correct the cause and run `stack up` again.",
      facts: {
        service: "mlflow",
        state: "exited",
        exitCode: 3,
        outOfMemory: false,
        deaths: 1,
        log: log.slice(10),
      },
    });
  });

  test("keeps its own words, not what our launchers say about it, unless there is nothing else", async () => {
    const ours = ["launcher      | scheduler ended with exit code 1", "provision: done"];
    await expect(errorOf({}, quiet, ["KeyError: 'x'", ...ours])).resolves.toMatchObject({
      facts: { log: ["KeyError: 'x'"] },
    });
    await expect(errorOf({}, quiet, ours)).resolves.toMatchObject({ facts: { log: ours } });
  });

  test("of one without a container points to the stack's status", async () => {
    const [health] = judgeServices(["mlflow"], [], []);
    if (health === undefined) throw new Error("no verdict");
    await expect(serviceError(health, createFakeEngine())).resolves.toMatchObject({
      hint: "See `stack status`.",
    });
  });
});
