import { describe, expect, test } from "vitest";
import { checkRoom, checkTools, isOlder } from "../../../src/stack/preflight.ts";
import { createStackWorld } from "../../support/stack-world.ts";

const gib = 1024 ** 3;

describe("versions", () => {
  test.each([
    ["26.1.5+dfsg1", "25.0.0", false],
    ["20.10.24", "25.0.0", true],
    ["24.0.9", "25.0.0", true],
    ["25.0.0", "25.0.0", false],
    ["2.26.1-4", "2.26.0", false],
    ["2.9.9", "2.26.0", true],
    ["v5.0.0-rc.1", "2.26.0", false],
    ["25", "25.0.0", false],
    ["unknown", "25.0.0", true],
  ])("%s against %s", (version, floor, expected) => {
    expect(isOlder(version, floor)).toBe(expected);
  });
});

describe("the tools", () => {
  test("are fine at Debian 13's versions", async () => {
    const world = createStackWorld();
    world.engine.world.info = { ...world.engine.world.info, version: "26.1.5+dfsg1" };
    world.compose.installed = { compose: "2.26.1-4", buildx: undefined };
    await expect(checkTools(world)).resolves.toEqual(world.engine.world.info);
  });

  test("need an engine that answers", async () => {
    const world = createStackWorld();
    world.engine.world.isOff = true;
    await expect(checkTools(world)).rejects.toMatchObject({ code: "ENGINE_UNREACHABLE", status: 3 });
  });

  test("need an engine that is new enough", async () => {
    const world = createStackWorld();
    world.engine.world.info = { ...world.engine.world.info, version: "20.10.24+dfsg1" };
    await expect(checkTools(world)).rejects.toMatchObject({
      code: "ENGINE_TOO_OLD",
      message: "The Docker engine is 20.10.24+dfsg1; the stack needs 25.0.0 or newer.",
      hint: expect.stringContaining("scripts/engine.sh"),
      facts: { found: "20.10.24+dfsg1", needed: "25.0.0" },
    });
  });

  test.each([
    [undefined, "COMPOSE_MISSING"],
    ["2.9.0", "COMPOSE_TOO_OLD"],
  ])("need Compose: with %s it is %s", async (compose, code) => {
    const world = createStackWorld();
    world.compose.installed = { compose, buildx: "0.13.1" };
    await expect(checkTools(world)).rejects.toMatchObject({ code, status: 3, hint: expect.any(String) });
  });
});

describe("room", () => {
  test("is fine on a roomy machine, without a word", async () => {
    const world = createStackWorld();
    await expect(checkRoom(world.engine.world.info, true, world)).resolves.toBeUndefined();
    expect(world.events).toEqual([]);
  });

  test("needs memory that the engine may use", async () => {
    const world = createStackWorld();
    const info = { ...world.engine.world.info, memoryBytes: 2 * gib };
    await expect(checkRoom(info, false, world)).rejects.toMatchObject({
      code: "MEMORY_LOW",
      message: "The stack could not start: the engine has 2.0 GiB of memory; it needs 3.0.",
    });
  });

  test.each([
    [true, 7.9, "The stack needs 8.0 GiB of free disk to build its images; /var/lib/docker has 7.9."],
    [false, 0.5, "The stack needs 1.0 GiB of free disk to run; /var/lib/docker has 0.5."],
  ])("needs disk: to build is %s", async (willBuild, freeGib, message) => {
    const world = createStackWorld();
    world.system.diskBytes = freeGib * gib;
    await expect(checkRoom(world.engine.world.info, willBuild, world)).rejects.toMatchObject({
      code: "DISK_LOW",
      message,
      hint: expect.stringContaining("docker builder prune"),
    });
  });

  test("needs less disk when nothing is built", async () => {
    const world = createStackWorld();
    world.system.diskBytes = 4 * gib;
    await expect(checkRoom(world.engine.world.info, false, world)).resolves.toBeUndefined();
  });

  test("that can't be seen is not held against the machine", async () => {
    const world = createStackWorld();
    world.system.diskBytes = undefined;
    await expect(checkRoom(world.engine.world.info, true, world)).resolves.toBeUndefined();
  });

  test("of an engine elsewhere is not this machine's", async () => {
    const world = createStackWorld();
    world.system.diskBytes = 0;
    world.system.memoryBytes = 0;
    const info = { ...world.engine.world.info, hostName: "elsewhere" };
    await expect(checkRoom(info, true, world)).resolves.toBeUndefined();
    expect(world.events).toEqual([]);
  });

  test("with little free memory is a warning, not a refusal", async () => {
    const world = createStackWorld();
    world.system.memoryBytes = 1 * gib;
    await checkRoom(world.engine.world.info, false, world);
    expect(world.events).toEqual([
      {
        kind: "note",
        level: "warning",
        text: "only 1.0 GiB of memory are free; tasks may be killed for lack of it",
      },
    ]);
  });
});
