import { describe, expect, test } from "vitest";
import { proveCommand } from "../../../../src/commands/prove.ts";
import { createStackWorld, upOf } from "../../../support/stack-world.ts";

describe("proving a stack that doesn't run", () => {
  test("is refused before the first up", async () => {
    await expect(proveCommand(createStackWorld().context(), 1000)).rejects.toMatchObject({
      code: "STACK_NOT_RUNNING",
      hint: "Start it with `stack up`.",
    });
  });

  test("is refused when the scheduler has ended", async () => {
    const world = createStackWorld();
    await upOf(world);
    for (const container of world.engine.world.containers.values())
      if (container.service.startsWith("airflow")) world.engine.world.containers.delete(container.id);
    await expect(proveCommand(world.context(), 1000)).rejects.toMatchObject({ code: "STACK_NOT_RUNNING" });
  });
});
