import { describe, expect, test } from "vitest";
import { interrupted, StackError } from "../../../src/lib/errors.ts";
import { guardServices } from "../../../src/stack/guard-services.ts";
import type { Engine } from "../../../src/stack/ports.ts";
import { createStackWorld, type StackWorld } from "../../support/stack-world.ts";

const target = { project: "housing", services: ["mlflow", "migrate"], oneShots: ["migrate"] };

function worldWith(behaviour: object): StackWorld {
  const world = createStackWorld();
  world.engine.world.add({ project: "housing", service: "mlflow", behaviour });
  return world;
}

/** Goes on until it is told to stop. */
const endless = (world: StackWorld) => async (signal: AbortSignal) => {
  while (!signal.aborted) await world.clock.sleep(100);
  throw interrupted(signal.reason);
};

describe("work among services", () => {
  test("gives its result when they stay well", async () => {
    const world = worldWith({});
    world.engine.world.add({ project: "housing", service: "migrate", behaviour: { exitsAfterMs: 0 } });
    await expect(guardServices(target, world, async () => await Promise.resolve(7))).resolves.toBe(7);
    expect(world.events).toEqual([]);
  });

  test("ends with the first that dies, which is named at once with its last words", async () => {
    const world = worldWith({ exitsAfterMs: 3000, exitCode: 1, log: ["OperationalError"] });
    const beganMs = world.clock.nowMs();
    await expect(guardServices(target, world, endless(world))).rejects.toMatchObject({
      code: "SERVICE_UNHEALTHY",
      message: "The service mlflow exited (exit code 1).",
      facts: { log: ["OperationalError"] },
    });
    expect(world.clock.nowMs() - beganMs).toBeLessThan(4000);
    expect(world.events).toMatchObject([{ kind: "step", status: "failed", id: "service:mlflow" }]);
  });

  test("ends with one that turns unhealthy", async () => {
    const world = worldWith({ hasHealthcheck: true, unhealthyAfterMs: 2000, healthOutput: "500" });
    await expect(guardServices(target, world, endless(world))).rejects.toThrow(
      /mlflow is unhealthy \(500\)/u,
    );
  });

  test("that fails because of a dead service is explained by it", async () => {
    const world = worldWith({ exitsAfterMs: 0, exitCode: 1 });
    const work = async () =>
      await Promise.reject(new StackError("MLFLOW_REFUSED", "MLflow does not answer."));
    await expect(guardServices(target, world, work)).rejects.toMatchObject({ code: "SERVICE_UNHEALTHY" });
  });

  test.each([
    ["died", undefined, "ended (exit code 3) and was started again"],
    ["signalled", 15, "was told to stop (signal 15)"],
    ["signalled", 9, "was killed from outside (SIGKILL)"],
  ] as const)(
    "that fails after a service %s (signal %s) is explained by that",
    async (kind, signal, words) => {
      const world = worldWith({});
      const event = { containerId: "c", service: "mlflow", at: "", exitCode: 3, signal };
      const engine: Engine = {
        ...world.engine,
        watch: async (_, onEvent) => {
          onEvent({ ...event, kind });
          onEvent({ ...event, kind: "started" });
          await Promise.resolve();
        },
      };
      const work = async () =>
        await Promise.reject(new StackError("MLFLOW_REFUSED", "MLflow does not answer."));
      await expect(guardServices(target, { ...world, engine }, work)).rejects.toMatchObject({
        code: "SERVICE_UNHEALTHY",
        message: `The service mlflow ${words} while this was at work, which failed: MLflow does not answer.`,
        facts: { service: "mlflow" },
      });
      expect(world.events).toEqual([{ kind: "note", level: "warning", text: `mlflow ${words}` }]);
    },
  );

  test("keeps its own error after a signal that ends nothing", async () => {
    const world = worldWith({});
    const engine: Engine = {
      ...world.engine,
      watch: async (_, onEvent) => {
        const reload = { kind: "signalled", signal: 1, exitCode: undefined } as const;
        onEvent({ ...reload, containerId: "c", service: "mlflow", at: "" });
        await Promise.resolve();
      },
    };
    const failure = new StackError("DAG_RUN_FAILED", "mine failed.");
    const work = async () => await Promise.reject(failure);
    await expect(guardServices(target, { ...world, engine }, work)).rejects.toBe(failure);
  });

  test("keeps its own error when services and machine are well", async () => {
    const failure = new StackError("DAG_RUN_FAILED", "mine failed.");
    await expect(
      guardServices(target, worldWith({}), async () => await Promise.reject(failure)),
    ).rejects.toBe(failure);
  });

  test("ends when the engine goes away, though what it calls still answers", async () => {
    const world = worldWith({});
    const working = guardServices(target, world, endless(world)).catch((error: unknown) => error);
    await world.clock.sleep(1000);
    world.engine.world.isOff = true;
    expect(await working).toMatchObject({ code: "ENGINE_UNREACHABLE" });
  });

  test("that fails because the engine is gone is explained by it", async () => {
    const world = worldWith({});
    const work = async () => {
      world.engine.world.isOff = true;
      await Promise.reject(new StackError("AIRFLOW_REFUSED", "Airflow does not answer."));
    };
    await expect(guardServices(target, world, work)).rejects.toMatchObject({ code: "ENGINE_UNREACHABLE" });
  });

  test("ends at once when the engine's disk runs full, though all are well", async () => {
    const world = worldWith({});
    const working = guardServices(target, world, endless(world)).catch((error: unknown) => error);
    await world.clock.sleep(1000);
    world.system.diskBytes = 0;
    const fullMs = world.clock.nowMs();
    expect(await working).toMatchObject({
      code: "DISK_FULL",
      message: expect.stringContaining("The engine's disk (/var/lib/docker) ran full: 0.0 GiB") as string,
      hint: expect.stringContaining("docker builder prune") as string,
      facts: { rootDir: "/var/lib/docker", foundBytes: 0 },
    });
    expect(world.clock.nowMs() - fullMs).toBeLessThan(2000);
    expect(world.events).toMatchObject([{ kind: "step", status: "failed", id: "disk" }]);
  });

  test("that fails on a full disk is explained by it", async () => {
    const world = worldWith({});
    world.system.diskBytes = 0;
    const work = async () => await Promise.reject(new StackError("DAG_RUN_FAILED", "mine failed."));
    await expect(guardServices(target, world, work)).rejects.toMatchObject({ code: "DISK_FULL" });
  });

  test("ends on Ctrl-C", async () => {
    const world = worldWith({});
    const working = guardServices(target, world, endless(world)).catch((error: unknown) => error);
    world.interrupt(new StackError("INTERRUPTED", "Interrupted."));
    expect(await working).toMatchObject({ code: "INTERRUPTED" });
  });
});
