import { describe, expect, test } from "vitest";
import { logs, type LogsOptions } from "../../../../src/commands/logs.ts";
import { createStackWorld, upOf, type StackWorld } from "../../../support/stack-world.ts";

const plain: LogsOptions = { services: [], tail: undefined, ageMs: undefined, follow: false };

/** A stack whose MLflow and Airflow have written something. */
async function writingWorld(): Promise<StackWorld> {
  const world = createStackWorld();
  const behave = (service: string, log: readonly string[]): void => {
    world.compose.behaviours.set(service, { hasHealthcheck: true, healthyAfterMs: 0, log });
  };
  behave("mlflow", ["one", "two", "three"]);
  behave("airflow", ["scheduler     | s1", "api-server    | a1", "scheduler     | s2", "launcher      | l1"]);
  await upOf(world);
  return world;
}

async function linesOf(world: StackWorld, options: Partial<LogsOptions> = {}): Promise<readonly string[]> {
  const lines: string[] = [];
  await logs(world.context(), { ...plain, ...options }, ({ service, text }) =>
    lines.push(`${service} ${text}`),
  );
  return lines;
}

describe("the logs of services", () => {
  test("come in the order they were written, each with its service", async () => {
    const world = await writingWorld();
    const lines = await linesOf(world, { services: ["mlflow", "airflow"] });
    expect(lines.filter((line) => line.startsWith("mlflow"))).toEqual([
      "mlflow one",
      "mlflow two",
      "mlflow three",
    ]);
    expect(lines).toHaveLength(7);
    await expect(linesOf(world)).resolves.toHaveLength(7);
  });

  test("are cut to the last lines of each", async () => {
    const world = await writingWorld();
    await expect(linesOf(world, { services: ["mlflow"], tail: 2 })).resolves.toEqual([
      "mlflow two",
      "mlflow three",
    ]);
    await expect(linesOf(world, { tail: 1 })).resolves.toHaveLength(2);
    await expect(linesOf(world, { tail: 0 })).resolves.toEqual([]);
  });

  test("are of one component where several share a container", async () => {
    const world = await writingWorld();
    const expected = ["airflow scheduler     | s1", "airflow scheduler     | s2"];
    await expect(linesOf(world, { services: ["scheduler"] })).resolves.toEqual(expected);
    await expect(linesOf(world, { services: ["airflow-scheduler"] })).resolves.toEqual(expected);
    await expect(linesOf(world, { services: ["scheduler"], tail: 1 })).resolves.toEqual(expected.slice(1));
  });

  test("are cut to what is younger than an age", async () => {
    const world = await writingWorld();
    await world.clock.sleep(60_000);
    await expect(linesOf(world, { ageMs: 10_000 })).resolves.toEqual([]);
    await expect(linesOf(world, { ageMs: 600_000 })).resolves.toHaveLength(7);
  });

  test("of an unknown service are refused, naming those that there are", async () => {
    const world = await writingWorld();
    await expect(linesOf(world, { services: ["mlfow"] })).rejects.toMatchObject({
      code: "USAGE",
      hint: expect.stringMatching(/^Choose of airflow, minio, mlflow, postgres, api-server, scheduler/u),
    });
  });

  test("are none of a stack that is down", async () => {
    await expect(linesOf(createStackWorld())).rejects.toMatchObject({ code: "STACK_NOT_RUNNING", status: 5 });
  });
});

describe("following", () => {
  test("shows each line once, also of a container that is started again, until Ctrl-C", async () => {
    const world = await writingWorld();
    const container = [...world.engine.world.containers.values()].find(({ service }) => service === "mlflow");
    if (container === undefined) throw new Error("no container");
    const { id } = container;
    const write = (text: string, change: object = {}): void => {
      const now = world.engine.world.containers.get(id) ?? container;
      const log = [...(now.behaviour.log ?? []), text];
      world.engine.world.containers.set(id, { ...now, ...change, behaviour: { ...now.behaviour, log } });
    };
    const turns = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn++) await world.clock.sleep(1000);
    };
    const lines: string[] = [];
    const options = { ...plain, services: ["mlflow"], tail: 1, follow: true };
    const following = logs(world.context(), options, ({ text }) => lines.push(text));
    const ended = following.catch((error: unknown) => error);
    await turns();
    write("four");
    await turns();
    world.engine.world.containers.set(id, {
      ...container,
      behaviour: { ...world.engine.world.containers.get(id)?.behaviour, exitsAfterMs: 0 },
    });
    await turns();
    write("five", { startedMs: world.clock.nowMs() });
    const restarted = world.engine.world.containers.get(id);
    if (restarted !== undefined) {
      const { exitsAfterMs: _, ...behaviour } = restarted.behaviour;
      world.engine.world.containers.set(id, { ...restarted, behaviour });
    }
    await turns();
    world.interrupt();
    expect(await ended).toMatchObject({ code: "INTERRUPTED" });
    expect(lines).toEqual(["three", "four", "five"]);
  });

  test("ends when the engine goes away", async () => {
    const world = await writingWorld();
    const following = linesOf(world, { follow: true });
    const ended = following.catch((error: unknown) => error);
    await world.clock.sleep(1000);
    world.engine.world.isOff = true;
    expect(await ended).toMatchObject({ code: "ENGINE_UNREACHABLE" });
  });
});
