import { spawn } from "node:child_process";
import { lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createProjectLock } from "../../../src/adapters/project-lock.ts";

describe("the project's lock", () => {
  let dir = "";
  let path = "";
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "project-lock-"));
    path = join(dir, ".stack", "lock");
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  /** Leaves a lock behind that says this. */
  const leave = async (text: string): Promise<void> => {
    await mkdir(join(dir, ".stack"));
    await symlink(text, path);
  };
  const expectFree = async (): Promise<void> => {
    const lock = createProjectLock(path);
    expect(await lock.acquire("up")).toBeUndefined();
    expect(await readdir(join(dir, ".stack"))).toEqual(["lock"]);
    expect(await createProjectLock(path).acquire("down")).toEqual({ verb: "up", pid: process.pid });
    lock.release();
  };

  test("is held by one at a time, and leaves no trace", async () => {
    await expectFree();
    expect(await readdir(dir)).toEqual([]);
  });

  test("leaves the stack's files where they are", async () => {
    await mkdir(join(dir, ".stack"));
    await writeFile(join(dir, ".stack", "state.json"), "{}");
    const lock = createProjectLock(path);
    await lock.acquire("up");
    lock.release();
    expect(await readdir(join(dir, ".stack"))).toEqual(["state.json"]);
  });

  test("is given back by who holds it alone", async () => {
    const lock = createProjectLock(path);
    await lock.acquire("up");
    createProjectLock(path).release();
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    lock.release();
  });

  test("of a process that was killed is free, and so is one that says nothing", async () => {
    const child = spawn("sleep", ["60"]);
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await ended;
    await leave(`${child.pid ?? 0}::up`);
    await expectFree();
    await leave("nonsense");
    await expectFree();
  });

  test.runIf(process.platform === "linux")("of a process whose number another has now is free", async () => {
    await leave(`${process.pid}:1:up`);
    await expectFree();
  });

  test("is no obstacle where nothing can be written", async () => {
    await writeFile(join(dir, ".stack"), "a file");
    expect(await createProjectLock(path).acquire("up")).toBeUndefined();
  });

  test("goes to one of many that ask at once, also after one that was killed", async () => {
    await leave("999999999::up");
    const locks = Array.from({ length: 20 }, () => createProjectLock(path));
    const holders = await Promise.all(locks.map(async (lock) => await lock.acquire("up")));
    expect(holders.filter((holder) => holder === undefined)).toHaveLength(1);
    for (const lock of locks) lock.release();
    expect(await readdir(dir)).toEqual([]);
  });
});
