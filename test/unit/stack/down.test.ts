import { describe, expect, test } from "vitest";
import { downStack } from "../../../src/stack/down.ts";
import { StackError } from "../../../src/lib/errors.ts";
import { createStackWorld, upOf, type StackWorld } from "../../support/stack-world.ts";

async function down(world: StackWorld, volumes = false) {
  return await downStack("housing", { volumes }, world);
}

async function runningWorld(): Promise<StackWorld> {
  const world = createStackWorld({ texts: { "stack.yaml": "project: housing\n" } });
  await upOf(world);
  return world;
}

describe("down", () => {
  test("removes containers and network, and keeps the data", async () => {
    const world = await runningWorld();
    const { containers, volumes } = await world.engine.resources("housing");
    await expect(down(world)).resolves.toEqual({
      project: "housing",
      removed: { containers: containers.length, networks: 1, volumes: 0 },
      keptVolumes: volumes,
    });
    await expect(world.engine.resources("housing")).resolves.toEqual({
      containers: [],
      networks: [],
      volumes,
    });
  });

  test("with volumes leaves nothing with the project's label", async () => {
    const world = await runningWorld();
    const { volumes } = await world.engine.resources("housing");
    await expect(down(world, true)).resolves.toMatchObject({
      removed: { volumes: volumes.length },
      keptVolumes: [],
    });
    await expect(world.engine.resources("housing")).resolves.toEqual({
      containers: [],
      networks: [],
      volumes: [],
    });
  });

  test("a second time finds nothing to do", async () => {
    const world = await runningWorld();
    await down(world);
    await expect(down(world)).resolves.toMatchObject({ removed: { containers: 0, networks: 0, volumes: 0 } });
  });

  test("of a stack that never was finds nothing to do", async () => {
    await expect(down(createStackWorld(), true)).resolves.toEqual({
      project: "housing",
      removed: { containers: 0, networks: 0, volumes: 0 },
      keptVolumes: [],
    });
  });

  test("with volumes after one without deletes the data", async () => {
    const world = await runningWorld();
    await down(world);
    await expect(down(world, true)).resolves.toMatchObject({ removed: { containers: 0 }, keptVolumes: [] });
  });

  test("removes what an aborted start left without any container", async () => {
    const world = createStackWorld();
    world.engine.world.networks.set("housing_default", "housing");
    world.engine.world.volumes.set("housing_postgres-data", "housing");
    await expect(down(world)).resolves.toMatchObject({
      removed: { networks: 1, volumes: 0 },
      keptVolumes: ["housing_postgres-data"],
    });
    await down(world, true);
    expect(world.engine.world.volumes.size).toBe(0);
  });

  test("leaves other projects as they are", async () => {
    const world = await runningWorld();
    const other = world.engine.world.add({ project: "other", service: "mlflow" });
    world.engine.world.volumes.set("other_data", "other");
    world.engine.world.networks.set("other_default", "other");
    await down(world, true);
    await expect(world.engine.resources("other")).resolves.toEqual({
      containers: [other.id],
      networks: ["other_default"],
      volumes: ["other_data"],
    });
  });

  test("needs an engine that answers", async () => {
    const world = await runningWorld();
    world.engine.world.isOff = true;
    await expect(down(world)).rejects.toMatchObject({ code: "ENGINE_UNREACHABLE" });
  });

  test("passes on what Compose failed with", async () => {
    const world = await runningWorld();
    const failure = new StackError("COMPOSE_FAILED", "permission denied");
    const compose = { ...world.compose, down: () => Promise.reject(failure) };
    await expect(downStack("housing", { volumes: false }, { ...world, compose })).rejects.toBe(failure);
  });
});

describe("a down that is cut short", () => {
  test("is ended by the next up, before it starts anything", async () => {
    const world = await runningWorld();
    const before = await world.engine.resources("housing");
    const compose = {
      ...world.compose,
      down: () => Promise.reject(new StackError("INTERRUPTED", "Interrupted.")),
    };
    await expect(downStack("housing", { volumes: false }, { ...world, compose })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });

    await expect(upOf(world)).resolves.toMatchObject({ changed: true });
    const { containers, volumes } = await world.engine.resources("housing");
    expect(containers.filter((id) => before.containers.includes(id))).toEqual([]);
    expect(volumes).toEqual(before.volumes);
    await expect(upOf(world)).resolves.toMatchObject({ changed: false });
  });

  test("on a full disk goes on", async () => {
    const world = await runningWorld();
    world.files.isFull = true;
    await expect(down(world)).resolves.toMatchObject({ removed: { networks: 1 } });
  });
});

test("an up after a down finds its data and its secrets again", async () => {
  const world = await runningWorld();
  const secrets = world.files.files.get(".stack/.env");
  const { volumes } = await world.engine.resources("housing");
  await down(world);
  await expect(upOf(world, { build: false })).resolves.toMatchObject({ changed: true });
  expect(world.files.files.get(".stack/.env")).toEqual(secrets);
  await expect(world.engine.resources("housing")).resolves.toMatchObject({ volumes });
});
