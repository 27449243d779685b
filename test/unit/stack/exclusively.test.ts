import { describe, expect, test } from "vitest";
import { exclusively, type LockHolder, type ProjectLock } from "../../../src/stack/exclusively.ts";

/** A lock that someone has, or nobody. */
function lockOf(holder?: LockHolder): ProjectLock & { readonly events: string[] } {
  const events: string[] = [];
  return {
    events,
    acquire: async (verb) => {
      if (holder === undefined) events.push(`acquire ${verb}`);
      return await Promise.resolve(holder);
    },
    release: () => void events.push("release"),
  };
}

describe("exclusive work", () => {
  test("is done with the lock in hand, which is given back", async () => {
    const lock = lockOf();
    const work = async () => await Promise.resolve(lock.events.push("work"));
    await expect(exclusively(lock, "up", work)).resolves.toBe(2);
    expect(lock.events).toEqual(["acquire up", "work", "release"]);
  });

  test("gives the lock back when it fails", async () => {
    const lock = lockOf();
    const failure = new Error("no");
    await expect(exclusively(lock, "up", async () => await Promise.reject(failure))).rejects.toBe(failure);
    expect(lock.events).toEqual(["acquire up", "release"]);
  });

  test("is refused while another command is at work, naming it, whose lock stays", async () => {
    const lock = lockOf({ verb: "seed", pid: 123 });
    const work = async () => await Promise.resolve(lock.events.push("work"));
    await expect(exclusively(lock, "down", work)).rejects.toMatchObject({
      code: "STACK_BUSY",
      message: expect.stringContaining("`stack seed` (process 123)") as string,
      hint: expect.stringContaining("kill 123") as string,
      facts: { verb: "seed", pid: 123 },
    });
    expect(lock.events).toEqual([]);
  });
});
