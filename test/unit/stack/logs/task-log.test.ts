import { describe, expect, test } from "vitest";
import { taskLogs } from "../../../../src/commands/logs.ts";
import type { TaskQuery } from "../../../../src/stack/logs/task-log.ts";
import { createFakeAirflow, type FakeAirflow } from "../../../support/fake-airflow.ts";
import { createStackWorld, upOf, type StackWorld } from "../../../support/stack-world.ts";

const query: TaskQuery = {
  dagId: "mine",
  task: "second",
  runId: undefined,
  tryNumber: undefined,
  tail: undefined,
  follow: false,
};

interface World extends StackWorld {
  readonly airflow: FakeAirflow;
}

async function worldWithDag(): Promise<World> {
  const world = createStackWorld();
  const definition = {
    tasks: ["first", "second"],
    failing: { taskId: "second", log: ["a", "b", "KeyError: 'x'"] },
  };
  const airflow = createFakeAirflow({ clock: world.clock, readFile: () => ({ mine: definition }) });
  airflow.putFile("mine.py", "");
  Object.assign(world.clients, { airflow });
  await upOf(world);
  await world.clock.sleep(1000);
  return Object.assign(world, { airflow });
}

async function linesOf(world: StackWorld, change: Partial<TaskQuery> = {}): Promise<readonly string[]> {
  const lines: string[] = [];
  await taskLogs(world.context(), { ...query, ...change }, ({ text }) => lines.push(text));
  return lines;
}

describe("a task's log", () => {
  test("is of the newest run, with all that says whose it is", async () => {
    const world = await worldWithDag();
    await world.airflow.trigger("mine");
    const { runId } = await world.airflow.trigger("mine");
    await world.clock.sleep(10_000);
    const lines: object[] = [];
    await taskLogs(world.context(), { ...query, tail: 1 }, (line) => lines.push(line));
    expect(lines).toEqual([{ dagId: "mine", runId, task: "second", tryNumber: 1, text: "KeyError: 'x'" }]);
    await expect(linesOf(world)).resolves.toHaveLength(3);
  });

  test("is of the run that was asked for", async () => {
    const world = await worldWithDag();
    const { runId } = await world.airflow.trigger("mine");
    await world.clock.sleep(10_000);
    await expect(linesOf(world, { runId, task: "first" })).resolves.toEqual(["first is done"]);
  });

  test("is followed until the task has ended", async () => {
    const world = await worldWithDag();
    await world.airflow.trigger("mine");
    const beganMs = world.clock.nowMs();
    await expect(linesOf(world, { follow: true })).resolves.toHaveLength(3);
    expect(world.clock.nowMs() - beganMs).toBeGreaterThanOrEqual(2000);
  });

  test.each([
    [{ dagId: "theirs" }, /no DAG named "theirs"/u, "There are mine."],
    [{ task: "third" }, /no task named "third"/u, "There are first, second."],
    [{ runId: "never" }, /no run named "never"/u, expect.stringContaining("manual__")],
    [{ tryNumber: 7 }, /has had 1 tries, and no try 7/u, expect.stringContaining("--follow")],
  ])("of what isn't there is refused: %j", async (change, message, hint) => {
    const world = await worldWithDag();
    await world.airflow.trigger("mine");
    await world.clock.sleep(10_000);
    await expect(linesOf(world, change)).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringMatching(message),
      hint,
    });
  });

  test("of a DAG that was never run is refused, with the command that runs it", async () => {
    await expect(linesOf(await worldWithDag())).rejects.toMatchObject({
      code: "USAGE",
      hint: expect.stringContaining("stack seed mine"),
    });
  });

  test("needs a running stack", async () => {
    await expect(linesOf(createStackWorld())).rejects.toMatchObject({ code: "STACK_NOT_RUNNING", status: 5 });
  });
});
