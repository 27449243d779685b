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

test("watching names a service that dies at once, and keeps it in view", async () => {
  const world = createStackWorld();
  await upOf(world);
  const shown: StatusReport[] = [];
  const watching = watchStatus(world.context(), (report) => {
    shown.push(report);
    const mlflow = [...world.engine.world.containers.values()].find(({ service }) => service === "mlflow");
    if (shown.length === 1 && mlflow !== undefined) {
      const behaviour = { exitsAfterMs: 0, exitCode: 1, log: ["OperationalError"] };
      world.engine.world.containers.set(mlflow.id, { ...mlflow, behaviour });
    }
    if (shown.length === 4) world.interrupt(new StackError("INTERRUPTED", "Interrupted."));
  });
  await expect(watching).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(shown[0]?.incidents).toEqual([]);
  expect(shown.at(-1)?.incidents).toMatchObject([
    { service: "mlflow", message: "The service mlflow exited (exit code 1).", log: ["OperationalError"] },
  ]);
  const text = "The service mlflow exited (exit code 1).\n  | OperationalError";
  expect(world.events).toContainEqual({ kind: "note", level: "warning", text });
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
