import { expect, test } from "vitest";
import { watchStatus } from "../../../src/commands/status.ts";
import { StackError } from "../../../src/lib/errors.ts";
import type { StatusReport } from "../../../src/stack/status-report.ts";
import { createStackWorld, upOf } from "../../support/stack-world.ts";

test("watching shows each change until Ctrl-C", async () => {
  const world = createStackWorld();
  await upOf(world);
  const shown: StatusReport["state"][] = [];
  const watching = watchStatus(world.context(), ({ state }) => {
    shown.push(state);
    if (shown.length === 1) world.engine.world.containers.clear();
    if (shown.length === 2) world.engine.world.isOff = true;
    if (shown.length === 3) world.interrupt(new StackError("INTERRUPTED", "Interrupted."));
  });
  await expect(watching).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(shown).toEqual(["up", "down", "engine-off"]);
});

test("watching looks every two seconds", async () => {
  const world = createStackWorld();
  const atMs: number[] = [];
  const watching = watchStatus(world.context(), () => {
    atMs.push(world.clock.nowMs());
    if (atMs.length === 3) world.interrupt(new StackError("INTERRUPTED", "Interrupted."));
  });
  await expect(watching).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(atMs.map((ms) => ms - (atMs[0] ?? 0))).toEqual([0, 2000, 4000]);
});
