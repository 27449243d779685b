import { describe, expect, test } from "vitest";
import { down } from "../../../src/commands/down.ts";
import { createStackWorld, upOf, type StackWorld } from "../../support/stack-world.ts";

async function runningWorld(): Promise<StackWorld> {
  const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
  await upOf(world);
  return world;
}

describe("data", () => {
  test("stays without a question", async () => {
    const world = await runningWorld();
    await down(world.context(), { volumes: false, yes: false });
    expect(world.engine.world.volumes.size).toBeGreaterThan(0);
  });

  test.each<[string, boolean | undefined, boolean]>([
    ["a yes to the question", true, false],
    ["a yes on the command line", undefined, true],
  ])("goes after %s", async (_, answer, yes) => {
    const world = await runningWorld();
    world.answer = answer;
    await down(world.context(), { volumes: true, yes });
    expect(world.engine.world.volumes.size).toBe(0);
  });

  test.each<[string, boolean | undefined, string]>([
    ["a no", false, "Nothing was deleted, since the answer wasn't yes."],
    ["nobody answers", undefined, "Deleting the stack's data needs a yes, and there is no terminal to ask."],
  ])("stays after %s, and so does everything else", async (_, answer, message) => {
    const world = await runningWorld();
    world.answer = answer;
    const before = await world.engine.resources("housing");
    await expect(down(world.context(), { volumes: true, yes: false })).rejects.toMatchObject({
      code: "USAGE",
      message,
      hint: expect.stringContaining("--yes"),
    });
    await expect(world.engine.resources("housing")).resolves.toEqual(before);
  });

  test("that isn't there is not asked about", async () => {
    const world = createStackWorld();
    await expect(down(world.context(), { volumes: true, yes: false })).resolves.toMatchObject({
      keptVolumes: [],
    });
  });
});

test("what is taken down is what was brought up, whatever stack.yaml says by now", async () => {
  const world = await runningWorld();
  await world.files.write("stack.yaml", "project: other\n");
  await expect(down(world.context(), { volumes: false, yes: false })).resolves.toMatchObject({
    project: "housing",
  });
  expect(world.engine.world.containers.size).toBe(0);
});
