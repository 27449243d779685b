import { describe, expect, test } from "vitest";
import { resume } from "../../../src/commands/resume.ts";
import { StackError } from "../../../src/lib/errors.ts";
import type { TaskInstance } from "../../../src/stack/service-ports.ts";
import { followTasks, pauseStack, thaw } from "../../../src/stack/pause.ts";
import { createFakeAirflow } from "../../support/fake-airflow.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createStackWorld, upOf, type StackWorld } from "../../support/stack-world.ts";

async function runningWorld(): Promise<StackWorld> {
  const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
  await upOf(world);
  return world;
}

async function states({ engine }: StackWorld): Promise<ReadonlySet<string>> {
  return new Set((await engine.containers("housing")).map(({ state }) => state));
}

describe("pausing", () => {
  test("freezes what runs, and a second time nothing", async () => {
    const world = await runningWorld();
    const { paused } = await pauseStack("housing", world.engine);
    expect(paused).toEqual(expect.arrayContaining(["postgres", "minio", "mlflow"]));
    expect((await states(world)).has("running")).toBe(false);
    await expect(pauseStack("housing", world.engine)).resolves.toEqual({ project: "housing", paused: [] });
  });

  test("that was interrupted before it began freezes nothing", async () => {
    const world = await runningWorld();
    world.interrupt(new StackError("INTERRUPTED", "Interrupted."));
    await expect(pauseStack("housing", world.engine, world.signal)).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    expect((await states(world)).has("paused")).toBe(false);
  });

  test("of a stack that is down is refused", async () => {
    await expect(pauseStack("housing", createStackWorld().engine)).rejects.toMatchObject({
      code: "STACK_NOT_RUNNING",
      hint: "Start it with `stack up`.",
    });
  });

  test("leaves other projects running", async () => {
    const world = await runningWorld();
    const other = world.engine.world.add({ project: "other", service: "mlflow" });
    await pauseStack("housing", world.engine);
    expect(world.engine.world.stateOf(other)).toBe("running");
  });
});

describe("resuming", () => {
  test("thaws what is frozen, checks every hop, and tells how long it took", async () => {
    const world = await runningWorld();
    const { paused } = await pauseStack("housing", world.engine);
    const result = await resume(world.context());
    expect(result).toMatchObject({ project: "housing", resumed: paused, tasks: [] });
    expect(result.probes.length).toBeGreaterThan(5);
    expect((await states(world)).has("paused")).toBe(false);
  });

  test("of a stack that isn't paused thaws nothing", async () => {
    const world = await runningWorld();
    await expect(thaw("housing", world.engine)).resolves.toEqual([]);
  });

  test("of a stack that is down is refused", async () => {
    await expect(resume(createStackWorld().context())).rejects.toMatchObject({ code: "STACK_NOT_RUNNING" });
  });
});

describe("tasks that were at work", () => {
  async function follow(secondsPerTask: number, failing?: { taskId: string; log: string[] }) {
    const clock = createFakeClock(Date.UTC(2026, 0, 2));
    const dag = { tasks: ["train"], ...(failing === undefined ? {} : { failing }) };
    const airflow = createFakeAirflow({ clock, readFile: () => ({ housing: dag }), secondsPerTask });
    airflow.putFile("housing.py", "");
    await clock.sleep(1000);
    await airflow.trigger("housing");
    const startedMs = clock.nowMs();
    const tasks = await followTasks(airflow, clock, new AbortController().signal);
    return {
      fates: tasks.map(({ taskId, fate }) => `${taskId} ${fate}`),
      waitedMs: clock.nowMs() - startedMs,
    };
  }

  type Change = readonly [fromMs: number, state: string, tryNumber: number];

  /** The fates of tasks that Airflow says this of, by the time since they were first looked at. */
  async function followScript(
    script: Readonly<Record<string, readonly Change[]>>,
  ): Promise<readonly string[]> {
    const clock = createFakeClock(Date.UTC(2026, 0, 2));
    const airflow = createFakeAirflow({
      clock,
      readFile: () => ({ housing: { tasks: ["train"] } }),
      secondsPerTask: 3600,
    });
    airflow.putFile("housing.py", "");
    await clock.sleep(1000);
    await airflow.trigger("housing");
    const startedMs = clock.nowMs();
    const taskInstances = async (): Promise<readonly TaskInstance[]> =>
      Object.entries(script).map(([name, changes]) => {
        const [taskId = "", index] = name.split(/[[\]]/u);
        const now = changes.findLast(([fromMs]) => fromMs <= clock.nowMs() - startedMs);
        const [, state, tryNumber] = now ?? [0, "none", 0];
        return { taskId, mapIndex: index === undefined ? -1 : Number(index), state, tryNumber };
      });
    const tasks = await followTasks({ ...airflow, taskInstances }, clock, new AbortController().signal);
    return tasks.map((task) => `${task.taskId} ${task.fate}`);
  }

  test("that end are followed to their end", async () => {
    await expect(follow(3)).resolves.toMatchObject({ fates: ["train ended"] });
  });

  test("that fail are told", async () => {
    await expect(follow(3, { taskId: "train", log: [] })).resolves.toMatchObject({ fates: ["train failed"] });
  });

  test("that go on for long are left to it", async () => {
    const { fates, waitedMs } = await follow(3600);
    expect(fates).toEqual(["train goes on"]);
    expect(waitedMs).toBeLessThan(15_000);
  });

  test("each have their own fate, and a new try is no going on", async () => {
    await expect(
      followScript({
        goes_on: [[0, "running", 1]],
        retried: [
          [0, "running", 1],
          [2000, "up_for_retry", 1],
          [4000, "running", 2],
        ],
        retried_at_once: [
          [0, "running", 1],
          [400, "running", 2],
        ],
        retried_and_done: [
          [0, "running", 1],
          [3000, "success", 2],
        ],
        retried_in_vain: [
          [0, "running", 1],
          [3000, "failed", 2],
        ],
        will_be: [
          [0, "running", 3],
          [1000, "up_for_retry", 3],
        ],
        waits: [
          [0, "running", 1],
          [1000, "deferred", 1],
        ],
        ended: [
          [0, "running", 1],
          [9000, "success", 1],
        ],
        not_begun: [[0, "queued", 0]],
      }),
    ).resolves.toEqual([
      "goes_on goes on",
      "retried was retried",
      "retried_at_once was retried",
      "retried_and_done was retried",
      "retried_in_vain failed",
      "will_be will be retried",
      "waits goes on",
      "ended ended",
    ]);
  });

  test("are told apart when they are copies of one that is mapped", async () => {
    await expect(
      followScript({
        "train[0]": [
          [0, "running", 1],
          [1000, "success", 1],
        ],
        "train[1]": [
          [0, "running", 1],
          [1000, "failed", 1],
        ],
      }),
    ).resolves.toEqual(["train[0] ended", "train[1] failed"]);
  });

  test("are waited for only when there are any", async () => {
    const clock = createFakeClock();
    const airflow = createFakeAirflow({ clock, readFile: () => ({}) });
    await expect(followTasks(airflow, clock, new AbortController().signal)).resolves.toEqual([]);
    expect(clock.nowMs()).toBe(0);
  });
});
