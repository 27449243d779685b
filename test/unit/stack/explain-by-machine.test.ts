import { describe, expect, test } from "vitest";
import { StackError } from "../../../src/lib/errors.ts";
import { explainByMachine } from "../../../src/stack/explain-by-machine.ts";
import { createStackWorld } from "../../support/stack-world.ts";

const failure = new StackError("BUILD_FAILED", "The image of postgres could not be built.", {
  facts: { image: "postgres" },
});

describe("a failure on a machine", () => {
  test("where all is well stays what it is", async () => {
    expect(await explainByMachine(failure, createStackWorld())).toBe(failure);
  });

  test("whose engine is gone is the engine's", async () => {
    const world = createStackWorld();
    world.engine.world.isOff = true;
    expect(await explainByMachine(failure, world)).toMatchObject({ code: "ENGINE_UNREACHABLE" });
  });

  test("whose engine has no room left is the disk's, and says what failed of it", async () => {
    const world = createStackWorld();
    world.system.diskBytes = 1024;
    expect(await explainByMachine(failure, world)).toMatchObject({
      code: "DISK_FULL",
      message: `The engine's disk (/var/lib/docker) ran full; 0.0 GiB are free now. ${failure.message}`,
      hint: expect.stringContaining("docker builder prune"),
      facts: { image: "postgres", foundBytes: 1024 },
      cause: failure,
    });
  });

  test.each([
    "dpkg: error processing archive: cannot copy extracted data: No space left on device",
    "botocore.exceptions.ClientError: An error occurred (XMinioStorageFull) when calling PutObject",
  ])("that speaks of a full disk is the disk's, though it has room again: %s", async (line) => {
    const told = new StackError("DAG_RUN_FAILED", "The run failed.", { facts: { log: ["first", line] } });
    expect(await explainByMachine(told, createStackWorld())).toMatchObject({
      code: "DISK_FULL",
      facts: { log: ["first", line] },
    });
  });

  test("whose engine is elsewhere is not judged by this machine's disk", async () => {
    const world = createStackWorld();
    world.engine.world.info = { ...world.engine.world.info, hostName: "elsewhere" };
    world.system.diskBytes = 0;
    expect(await explainByMachine(failure, world)).toBe(failure);
  });
});

test.each([
  new StackError("INTERRUPTED", "Interrupted."),
  new StackError("CONFIG_INVALID", "A setting is wrong."),
  new StackError("FILE_UNWRITABLE", ".stack can't be written: ENOSPC: no space left on device."),
  new TypeError("a bug"),
])("what is no failure of the machine's stays what it is: %s", async (error) => {
  const world = createStackWorld();
  world.engine.world.isOff = true;
  expect(await explainByMachine(error, world)).toBe(error);
});
