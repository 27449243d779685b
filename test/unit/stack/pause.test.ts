import { describe, expect, test } from "vitest";
import { resume } from "../../../src/commands/resume.ts";
import { StackError } from "../../../src/lib/errors.ts";
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

  test("are waited for only when there are any", async () => {
    const clock = createFakeClock();
    const airflow = createFakeAirflow({ clock, readFile: () => ({}) });
    await expect(followTasks(airflow, clock, new AbortController().signal)).resolves.toEqual([]);
    expect(clock.nowMs()).toBe(0);
  });
});
