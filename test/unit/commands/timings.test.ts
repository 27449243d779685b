import { expect, test } from "vitest";
import { timings } from "../../../src/commands/timings.ts";
import { createStackWorld, upOf } from "../../support/stack-world.ts";

test("the last start is reported", async () => {
  const world = createStackWorld();
  await upOf(world);
  const { last, criticalPath } = await timings(world.context());
  expect(last.kind).toBe("build");
  expect(criticalPath).toContain("images");
});

test("before the first start there is none", async () => {
  await expect(timings(createStackWorld().context())).rejects.toMatchObject({ code: "STACK_NOT_RUNNING" });
});
