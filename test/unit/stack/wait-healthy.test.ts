import { describe, expect, test } from "vitest";
import { StackError } from "../../../src/lib/errors.ts";
import { startAndWait, type WaitTarget } from "../../../src/stack/wait-healthy.ts";
import type { Behaviour } from "../../support/fake-engine.ts";
import { createStackWorld, type StackWorld } from "../../support/stack-world.ts";

const target: WaitTarget = {
  project: "housing",
  services: ["postgres", "migrate", "mlflow"],
  oneShots: ["migrate"],
  before: [],
  timeoutMs: 60_000,
};

const healthyAfter = (healthyAfterMs: number): Behaviour => ({ hasHealthcheck: true, healthyAfterMs });
const fine: Readonly<Record<string, Behaviour>> = {
  postgres: healthyAfter(400),
  migrate: { exitsAfterMs: 1000 },
  mlflow: healthyAfter(2000),
};

/** Starts containers that behave like this, and takes a second for it. */
function starting(world: StackWorld, behaviours: Readonly<Record<string, Behaviour>>) {
  return async (signal: AbortSignal): Promise<void> => {
    for (const [service, behaviour] of Object.entries(behaviours))
      world.engine.world.add({ project: "housing", service, behaviour });
    for (let at = 0; at < 10; at++) await world.clock.sleep(100, signal);
  };
}

function texts({ events }: StackWorld): readonly string[] {
  return events.flatMap((event) =>
    event.kind === "step" ? [`${event.text} ${event.detail ?? ""}`.trim()] : [],
  );
}

describe("a start that goes well", () => {
  test("ends when every service is healthy or completed", async () => {
    const world = createStackWorld();
    const { services } = await startAndWait(target, starting(world, fine), world);
    expect(services.map(({ service, state }) => `${service} ${state}`)).toEqual([
      "postgres healthy",
      "migrate completed",
      "mlflow healthy",
    ]);
  });

  test("tells once when each service is there, and until then what is waited for", async () => {
    const world = createStackWorld();
    await startAndWait(target, starting(world, fine), world);
    const told = texts(world);
    expect(told.filter((text) => !text.startsWith("waiting"))).toEqual([
      "postgres healthy",
      "migrate completed",
      "mlflow healthy",
    ]);
    expect(told[0]).toBe("waiting for postgres, migrate, mlflow");
    expect(told).toContain("waiting for mlflow");
  });

  test("notes when each service was seen healthy first", async () => {
    const world = createStackWorld();
    const zeroMs = world.clock.nowMs();
    const { healthyAtMs } = await startAndWait(target, starting(world, fine), world);
    const afterMs = (service: string): number => (healthyAtMs.get(service) ?? 0) - zeroMs;
    expect(afterMs("postgres")).toBeGreaterThanOrEqual(400);
    expect(afterMs("mlflow")).toBeGreaterThanOrEqual(2000);
    expect(afterMs("mlflow")).toBeLessThan(3000);
  });

  test("takes a service without a healthcheck for healthy while it runs", async () => {
    const world = createStackWorld();
    const { services } = await startAndWait(
      { ...target, services: ["own"] },
      starting(world, { own: {} }),
      world,
    );
    expect(services).toMatchObject([{ service: "own", state: "healthy" }]);
  });
});

describe("a start that fails", () => {
  test("ends at once when a service exits, with its last words, though others go on", async () => {
    const world = createStackWorld();
    const zeroMs = world.clock.nowMs();
    const mlflow = { exitsAfterMs: 500, exitCode: 3, log: ["Traceback", "OperationalError"] };
    await expect(
      startAndWait(target, starting(world, { ...fine, postgres: healthyAfter(50_000), mlflow }), world),
    ).rejects.toMatchObject({
      code: "SERVICE_UNHEALTHY",
      message: "The service mlflow exited (exit code 3).",
      facts: { service: "mlflow", log: ["Traceback", "OperationalError"] },
    });
    expect(world.clock.nowMs() - zeroMs).toBeLessThan(3000);
  });

  test("ends at once when a service becomes unhealthy", async () => {
    const world = createStackWorld();
    const mlflow = {
      hasHealthcheck: true,
      healthyAfterMs: 99_999,
      unhealthyAfterMs: 300,
      healthOutput: "500",
    };
    await expect(startAndWait(target, starting(world, { ...fine, mlflow }), world)).rejects.toMatchObject({
      code: "SERVICE_UNHEALTHY",
      message: "The service mlflow is unhealthy (500).",
    });
  });

  test("ends when a one-shot ends badly", async () => {
    const world = createStackWorld();
    const migrate = { exitsAfterMs: 300, exitCode: 1 };
    await expect(startAndWait(target, starting(world, { ...fine, migrate }), world)).rejects.toMatchObject({
      facts: { service: "migrate", state: "exited" },
    });
  });

  test("stops the command that starts it", async () => {
    const world = createStackWorld();
    let stopped: AbortSignal | undefined;
    const endless = async (signal: AbortSignal): Promise<void> => {
      stopped = signal;
      world.engine.world.add({
        project: "housing",
        service: "mlflow",
        behaviour: { exitsAfterMs: 0, exitCode: 1 },
      });
      while (!signal.aborted) await world.clock.sleep(100);
    };
    await expect(startAndWait(target, endless, world)).rejects.toMatchObject({ code: "SERVICE_UNHEALTHY" });
    expect(stopped?.aborted).toBe(true);
  });

  test("is told by the service that failed, not by the command that noticed it", async () => {
    const world = createStackWorld();
    const failing = async (): Promise<void> => {
      world.engine.world.add({
        project: "housing",
        service: "postgres",
        behaviour: { exitsAfterMs: 0, exitCode: 1 },
      });
      throw new StackError("COMPOSE_FAILED", "dependency failed to start");
    };
    await expect(startAndWait(target, failing, world)).rejects.toMatchObject({
      code: "SERVICE_UNHEALTHY",
      facts: { service: "postgres" },
    });
  });

  test("is told by the command when no service explains it", async () => {
    const world = createStackWorld();
    const failure = new StackError("COMPOSE_FAILED", "no such network");
    await expect(startAndWait(target, () => Promise.reject(failure), world)).rejects.toBe(failure);
  });
});

describe("what failed", () => {
  test("is told in the moment it is found, before the start has come to its end", async () => {
    const world = createStackWorld();
    let toldBefore: readonly string[] = [];
    const start = async (signal: AbortSignal): Promise<void> => {
      world.engine.world.add({
        project: "housing",
        service: "mlflow",
        behaviour: { exitsAfterMs: 0, exitCode: 1 },
      });
      while (!signal.aborted) await world.clock.sleep(100);
      toldBefore = texts(world);
    };
    await expect(startAndWait(target, start, world)).rejects.toMatchObject({ code: "SERVICE_UNHEALTHY" });
    expect(toldBefore).toContain("The service mlflow exited (exit code 1).");
  });

  test("is none of what a component of Airflow's did before its container was started again", async () => {
    const world = createStackWorld();
    const component = {
      name: "scheduler",
      state: "restarting",
      since: "",
      restarts: 3,
      last_exit: "exit code 1",
      memory_bytes: 0,
    };
    const document = { started_at: "2026-01-01T23:59:59.500Z", components: [component] };
    world.engine.world.files.set("airflow:/tmp/stack/status.json", JSON.stringify(document));
    const airflow = { ...target, services: ["airflow"], oneShots: [] };
    const start = starting(world, { airflow: healthyAfter(9000) });
    await expect(startAndWait(airflow, start, world)).resolves.toMatchObject({
      services: [{ state: "healthy" }],
    });
  });

  test("may be a service that the engine has to start again and again", async () => {
    const world = createStackWorld();
    const mlflow = { ...healthyAfter(99_999), restartCount: 3, log: ["no such option"] };
    await expect(startAndWait(target, starting(world, { ...fine, mlflow }), world)).rejects.toMatchObject({
      code: "SERVICE_UNHEALTHY",
      message: expect.stringMatching(/^The service mlflow keeps ending.* It has ended 3 times/u) as string,
      facts: { deaths: 3, log: ["no such option"] },
    });
  });

  test("may be a component of Airflow's that ends again and again", async () => {
    const world = createStackWorld();
    const component = {
      name: "scheduler",
      state: "restarting",
      since: "2026-01-02T00:00:00Z",
      restarts: 3,
      last_exit: "exit code 1",
      memory_bytes: 1,
    };
    const document = { started_at: "2026-01-02T00:00:00Z", components: [component] };
    world.engine.world.files.set("airflow:/tmp/stack/status.json", JSON.stringify(document));
    const log = ["scheduler     | ValueError: bad setting", "api-server    | fine"];
    const airflow = { hasHealthcheck: true, healthyAfterMs: 99_999, log };
    await expect(
      startAndWait({ ...target, services: ["airflow"] }, starting(world, { airflow }), world),
    ).rejects.toMatchObject({
      code: "SERVICE_UNHEALTHY",
      message: "Airflow's scheduler keeps ending, last with exit code 1; it was started again 3 times.",
      facts: { component: "scheduler", log: ["scheduler     | ValueError: bad setting"] },
    });
  });
});

describe("containers from before", () => {
  /** One that runs, and ends by itself half a second later, of what was wrong before. */
  async function doomed(world: StackWorld) {
    const old = world.engine.world.add({ project: "housing", service: "mlflow" });
    const before = await world.engine.containers("housing");
    const end = async (): Promise<void> => {
      await world.clock.sleep(500);
      world.engine.world.containers.set(old.id, { ...old, behaviour: { exitsAfterMs: 0, exitCode: 1 } });
    };
    const revive = (behaviour: Behaviour): void => {
      const startedMs = world.clock.nowMs();
      world.engine.world.containers.set(old.id, { ...old, startedMs, behaviour });
    };
    return { before, end, revive };
  }
  const told = ({ events }: StackWorld): readonly string[] =>
    events.flatMap((event) => (event.kind === "note" ? [event.text] : []));
  const ended = "mlflow has ended meanwhile (exit code 1) and is started again";

  test.each([
    ["while others are started", 1000],
    ["once the others are started", 0],
  ])("that end by themselves %s are told of and started again", async (_, startMs) => {
    const world = createStackWorld();
    const { before, end, revive } = await doomed(world);
    let starts = 0;
    const start = async (signal: AbortSignal): Promise<void> => {
      starts += 1;
      if (starts === 1) void end();
      else revive(healthyAfter(100));
      await world.clock.sleep(startMs, signal);
      if (starts === 1)
        world.engine.world.add({ project: "housing", service: "postgres", behaviour: healthyAfter(900) });
    };
    const of = { ...target, services: ["postgres", "mlflow"], before };
    const { services } = await startAndWait(of, start, world);
    expect(services.map(({ state }) => state)).toEqual(["healthy", "healthy"]);
    expect(starts).toBe(2);
    expect(told(world)).toEqual([ended]);
  });

  test("that end by themselves again and again are not started for ever", async () => {
    const world = createStackWorld();
    const { before, end } = await doomed(world);
    let starts = 0;
    const start = async (): Promise<void> => {
      starts += 1;
      if (starts === 1) await end();
    };
    await expect(startAndWait({ ...target, before }, start, world)).rejects.toMatchObject({
      code: "SERVICE_UNHEALTHY",
      facts: { service: "mlflow", exitCode: 1 },
    });
    expect(starts).toBe(3);
    expect(told(world)).toEqual([ended]);
  });

  test("that were started again and then end are a failure", async () => {
    const world = createStackWorld();
    const { before, end, revive } = await doomed(world);
    let starts = 0;
    const start = async (): Promise<void> => {
      starts += 1;
      if (starts === 1) await end();
      else revive({ ...healthyAfter(99_999), exitsAfterMs: 300, exitCode: 3 });
    };
    await expect(
      startAndWait({ ...target, services: ["mlflow"], before }, start, world),
    ).rejects.toMatchObject({ facts: { service: "mlflow", exitCode: 3 } });
    expect(starts).toBe(2);
  });

  test("that failed don't count while they are being replaced", async () => {
    const world = createStackWorld();
    const old = world.engine.world.add({
      project: "housing",
      service: "mlflow",
      behaviour: { exitsAfterMs: 0, exitCode: 1 },
    });
    const before = await world.engine.containers("housing");
    const start = async (signal: AbortSignal): Promise<void> => {
      await world.clock.sleep(1000, signal);
      world.engine.world.containers.delete(old.id);
      await starting(world, fine)(signal);
    };
    const { services } = await startAndWait({ ...target, before }, start, world);
    expect(services.every(({ state }) => state !== "exited")).toBe(true);
  });

  test("count when they were left as they are", async () => {
    const world = createStackWorld();
    world.engine.world.add({
      project: "housing",
      service: "mlflow",
      behaviour: { exitsAfterMs: 0, exitCode: 1 },
    });
    const before = await world.engine.containers("housing");
    const nothing = () => Promise.resolve();
    await expect(startAndWait({ ...target, before }, nothing, world)).rejects.toMatchObject({
      code: "SERVICE_UNHEALTHY",
      facts: { service: "mlflow" },
    });
  });
});

describe("the wait", () => {
  test("gives up in time and names what is missing", async () => {
    const world = createStackWorld();
    const words = { healthOutput: "curl: (7)", log: ["waiting for the database"] };
    const slow = { ...fine, mlflow: { ...healthyAfter(99_000), ...words } };
    await expect(
      startAndWait({ ...target, timeoutMs: 5000 }, starting(world, slow), world),
    ).rejects.toMatchObject({
      code: "WAIT_TIMEOUT",
      message: "Gave up after 5 s: still waiting for mlflow. The healthcheck of mlflow said: curl: (7).",
      hint: expect.stringMatching(/`stack logs mlflow --tail all`.*--timeout/u),
      facts: { service: "mlflow", log: ["waiting for the database"] },
    });
  });

  test("names the command itself when all services are there and it doesn't end", async () => {
    const world = createStackWorld();
    const hanging = async (signal: AbortSignal): Promise<void> => {
      await starting(world, fine)(signal);
      while (!signal.aborted) await world.clock.sleep(100);
    };
    await expect(startAndWait({ ...target, timeoutMs: 5000 }, hanging, world)).rejects.toThrow(
      /still waiting for docker compose to finish\.$/u,
    );
  });

  test("ends on Ctrl-C, after the command that starts it has", async () => {
    const world = createStackWorld();
    let hasEnded = false;
    const start = async (signal: AbortSignal): Promise<void> => {
      try {
        while (!signal.aborted) await world.clock.sleep(100);
        await world.clock.sleep(500);
      } finally {
        hasEnded = true;
      }
    };
    const waiting = startAndWait(target, start, world);
    await world.clock.sleep(1000);
    world.interrupt();
    await expect(waiting).rejects.toMatchObject({ code: "INTERRUPTED", status: 130 });
    expect(hasEnded).toBe(true);
  });

  test("ends as soon as the engine's disk is full", async () => {
    const world = createStackWorld();
    const waiting = startAndWait(target, starting(world, fine), world).catch((error: unknown) => error);
    world.system.diskBytes = 1024;
    expect(await waiting).toMatchObject({ code: "DISK_FULL", facts: { foundBytes: 1024 } });
    expect(world.clock.nowMs() - Date.UTC(2026, 0, 2)).toBeLessThan(2000);
  });

  test("ends when the engine goes away", async () => {
    const world = createStackWorld();
    const start = async (): Promise<void> => {
      world.engine.world.isOff = true;
    };
    await expect(startAndWait(target, start, world)).rejects.toMatchObject({ code: "ENGINE_UNREACHABLE" });
  });
});
