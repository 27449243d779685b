import { describe, expect, test } from "vitest";
import { pause } from "../../../src/commands/pause.ts";
import { resume } from "../../../src/commands/resume.ts";
import { StackError } from "../../../src/lib/errors.ts";
import type { StackEvent } from "../../../src/stack/events.ts";
import { thaw } from "../../../src/stack/pause.ts";
import { followTasks } from "../../../src/stack/resume-tasks.ts";
import type { Airflow, TaskInstance, TaskTry } from "../../../src/stack/service-ports.ts";
import { readState } from "../../../src/stack/stack-folder.ts";
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
    const { paused } = await pause(world.context());
    expect(paused).toEqual(expect.arrayContaining(["postgres", "minio", "mlflow"]));
    expect((await states(world)).has("running")).toBe(false);
    await expect(pause(world.context())).resolves.toEqual({ project: "housing", paused: [] });
  });

  test("that was interrupted before it began freezes nothing", async () => {
    const world = await runningWorld();
    world.interrupt(new StackError("INTERRUPTED", "Interrupted."));
    await expect(pause(world.context())).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    expect((await states(world)).has("paused")).toBe(false);
  });

  test("of a stack that is down is refused", async () => {
    await expect(pause(createStackWorld().context())).rejects.toMatchObject({
      code: "STACK_NOT_RUNNING",
      hint: "Start it with `stack up`.",
    });
  });

  test("leaves other projects running", async () => {
    const world = await runningWorld();
    const other = world.engine.world.add({ project: "other", service: "mlflow" });
    await pause(world.context());
    expect(world.engine.world.stateOf(other)).toBe("running");
  });
});

describe("resuming", () => {
  test("thaws what is frozen, checks every hop, and tells how long it took", async () => {
    const world = await runningWorld();
    const { paused } = await pause(world.context());
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
    const { tasks, watchedMs } = await followTasks([], 900, {
      airflow,
      clock,
      emit: () => undefined,
      signal: new AbortController().signal,
    });
    expect(watchedMs).toBe(clock.nowMs() - startedMs);
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
    const { tasks } = await followTasks([], 900, {
      airflow: { ...airflow, taskInstances },
      clock,
      emit: () => undefined,
      signal: new AbortController().signal,
    });
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

  test("are waited for, and spoken of, only when there are any", async () => {
    const clock = createFakeClock();
    const airflow = createFakeAirflow({ clock, readFile: () => ({}) });
    const events: StackEvent[] = [];
    const { signal } = new AbortController();
    const emit = (event: StackEvent) => void events.push(event);
    await expect(followTasks([], 900, { airflow, clock, emit, signal })).resolves.toEqual({
      tasks: [],
      watchedMs: 0,
    });
    expect(clock.nowMs()).toBe(0);
    expect(events).toEqual([]);
  });
});

describe("a task that runs when the stack is paused", () => {
  interface Training {
    readonly world: StackWorld;
    /** What Airflow says of the task from now on. */
    say(state: string, tryNumber: number): void;
    /** What Airflow does instead of answering. */
    fail(answer: () => Promise<never>): void;
  }

  /** A stack with one run whose task is in its first try. */
  async function training(): Promise<Training> {
    const world = await runningWorld();
    const { clock } = world;
    const fake = createFakeAirflow({
      clock,
      readFile: () => ({ housing: { tasks: ["train"] } }),
      secondsPerTask: 3600,
    });
    fake.putFile("housing.py", "");
    await clock.sleep(1000);
    await fake.trigger("housing");
    let task: TaskInstance = { taskId: "train", mapIndex: -1, state: "running", tryNumber: 1 };
    let latestRuns = fake.latestRuns;
    const airflow: Airflow = {
      ...fake,
      latestRuns: async (...args) => await latestRuns(...args),
      taskInstances: async () => await Promise.resolve([task]),
    };
    const context = world.context.bind(world);
    return {
      world: {
        ...world,
        context: (flags) => ({ ...context(flags), clients: async () => ({ ...world.clients, airflow }) }),
      },
      say: (state, tryNumber) => {
        task = { ...task, state, tryNumber };
      },
      fail: (answer) => {
        latestRuns = answer;
      },
    };
  }

  const notedBy = async ({ files }: StackWorld): Promise<readonly TaskTry[] | undefined> =>
    (await readState(files))?.atWork;
  const tell = async (world: StackWorld): Promise<readonly string[]> =>
    (await resume(world.context())).tasks.map(({ taskId, fate }) => `${taskId} ${fate}`);

  test.each([
    ["up_for_retry", 1, "train will be retried"],
    ["running", 2, "train was retried"],
    ["failed", 1, "train failed"],
    ["success", 1, "train ended"],
  ] as const)(
    "and is %s, in try %i, at the first look after it, is told of",
    async (state, tryNumber, told) => {
      const { world, say } = await training();
      await pause(world.context());
      say(state, tryNumber);
      await expect(tell(world)).resolves.toEqual([told]);
    },
  );

  test("is told of once", async () => {
    const { world, say } = await training();
    await pause(world.context());
    await expect(notedBy(world)).resolves.toMatchObject([
      { dagId: "housing", taskId: "train", tryNumber: 1 },
    ]);
    say("up_for_retry", 1);
    await resume(world.context());
    await expect(notedBy(world)).resolves.toBeUndefined();
    await expect(tell(world)).resolves.toEqual([]);
  });

  test("is told of by a second resume when the first was cut short", async () => {
    const { world, say } = await training();
    await pause(world.context());
    await thaw("housing", world.engine);
    say("up_for_retry", 1);
    await expect(resume(world.context())).resolves.toMatchObject({
      resumed: [],
      tasks: [{ taskId: "train", fate: "will be retried" }],
    });
  });

  test("stays noted when a second pause finds Airflow frozen", async () => {
    const { world, fail } = await training();
    await pause(world.context());
    const noted = await notedBy(world);
    fail(() => new Promise(() => undefined));
    await pause(world.context());
    expect(noted).toHaveLength(1);
    await expect(notedBy(world)).resolves.toEqual(noted);
  });

  test("is forgotten by an up that has the stack back, which tells no fates", async () => {
    const { world } = await training();
    await pause(world.context());
    await upOf(world);
    await expect(notedBy(world)).resolves.toBeUndefined();
  });

  test("is of no interest when its run has been deleted since", async () => {
    const { world } = await training();
    await pause(world.context());
    const text = world.files.files.get(".stack/state.json")?.text ?? "";
    await world.files.write(".stack/state.json", text.replace('"dagId": "housing"', '"dagId": "gone"'));
    // What runs now is told all the same.
    const { tasks } = await resume(world.context());
    expect(tasks).toMatchObject([{ dagId: "housing", fate: "goes on" }]);
  });

  test("is watched after it was said that all is back, which the time until then doesn't count", async () => {
    const { world } = await training();
    await pause(world.context());
    const before = world.events.length;
    const { elapsedMs, watchedMs } = await resume(world.context());
    expect(watchedMs).toBeGreaterThanOrEqual(12_000);
    expect(elapsedMs).toBeLessThan(1000);
    const steps = world.events.slice(before).flatMap((event) => (event.kind === "step" ? [event] : []));
    expect(steps.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "probes started",
      "probes done",
      "resume done",
      "tasks started",
      "tasks done",
    ]);
    expect(steps[2]).toMatchObject({ text: "all is back and checked", elapsedMs });
    expect(steps[3]).toMatchObject({ detail: "watching what becomes of them" });
  });

  test.each([
    ["refuses", async () => await Promise.reject(new StackError("AIRFLOW_REFUSED", "no"))],
    ["never answers", async () => await new Promise<never>(() => undefined)],
  ] as const)("is no hindrance when Airflow %s", async (_, answer) => {
    const { world, fail } = await training();
    fail(answer);
    const startedMs = world.clock.nowMs();
    await pause(world.context());
    expect((await states(world)).has("running")).toBe(false);
    expect(world.clock.nowMs() - startedMs).toBeLessThan(3000);
    await expect(notedBy(world)).resolves.toBeUndefined();
  });

  test("is no hindrance when the disk is full", async () => {
    const { world } = await training();
    world.files.isFull = true;
    await pause(world.context());
    expect((await states(world)).has("running")).toBe(false);
    await expect(tell(world)).resolves.toEqual(["train goes on"]);
  });
});
