import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noteShown } from "../support/fault-log.ts";
import { atOnceMs, createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import type { Failure } from "../support/test-project.ts";

/* Commands that meet each other, or what one that was cut short left. */
describe("a stack that two commands want", () => {
  let stack: FaultStack;
  const holdsLock = () => readdirSync(stack.path(".stack")).some((name) => name.startsWith("lock"));
  const untilHeld = async (): Promise<void> => {
    await expect.poll(holdsLock, { timeout: 10_000, interval: 5 }).toBe(true);
  };

  beforeAll(async () => {
    stack = await createFaultStack("commands");
  });
  afterAll(async () => {
    await stack.dispose();
  });

  test("is started by one of two `up`, while the other is refused and names the first", async () => {
    await stack.stack("down");
    const beganMs = Date.now();
    const both = [stack.spawn("up", "--json"), stack.spawn("up", "--json")];
    const ended = await Promise.all(
      both.map(async ({ pid, ended: end }) => ({ pid, ...(await end), tookMs: Date.now() - beganMs })),
    );
    const [winner, loser] = ended.toSorted((a, b) => a.status - b.status);
    expect(winner?.status).toBe(0);
    const { error } = JSON.parse(loser?.stdout ?? "") as Failure;
    noteShown(`${error.code}: ${error.message}`, loser?.tookMs ?? Infinity);
    expect(error).toMatchObject({ code: "STACK_BUSY", facts: { verb: "up", pid: winner?.pid } });
    expect(error.hint).toContain(`kill ${winner?.pid}`);
    expect(holdsLock()).toBe(false);
    await stack.expectWhole("two `up` at once");
  });

  test.each(["up", "seed"])("is not stopped while `%s` is at work", async (verb) => {
    const working = stack.spawn(verb, "--json");
    await untilHeld();
    const beganMs = Date.now();
    const error = await stack.expectFailure("STACK_BUSY", "down");
    expect(Date.now() - beganMs).toBeLessThan(atOnceMs);
    expect(error).toMatchObject({ facts: { verb, pid: working.pid } });
    expect((await working.ended).status).toBe(0);
    await stack.expectWhole(`\`down\` while \`${verb}\` is at work`);
  });

  test("is not started while `down` is at work, and is by the next `up`", async () => {
    const stopping = stack.spawn("down", "--json");
    await untilHeld();
    const beganMs = Date.now();
    const error = await stack.expectFailure("STACK_BUSY", "up");
    expect(Date.now() - beganMs).toBeLessThan(atOnceMs);
    expect(error).toMatchObject({ facts: { verb: "down", pid: stopping.pid } });
    expect((await stopping.ended).status).toBe(0);
    await stack.expectWhole("`up` while `down` is at work");
  });

  test("is had back after a `down` that was cut short, which the engine goes on with", async () => {
    // The first container that is asked to stop: the engine doesn't take that back.
    const filters = ["event=kill", `label=com.docker.compose.project=${stack.name}`];
    const since = ["--since", String(Date.now() / 1000)];
    const asked = spawn("docker", ["events", ...since, ...filters.flatMap((filter) => ["--filter", filter])]);
    const stopping = stack.spawn("down", "--json");
    await once(asked.stdout, "data");
    asked.kill();
    await stack.expectStopped(stopping, "SIGTERM");
    await stack.expectWhole("`down` cut short by SIGTERM, once the engine stops containers");
  });

  test("is free again after an `up` that was killed", async () => {
    const starting = stack.spawn("up", "--json");
    await untilHeld();
    starting.stop("SIGKILL");
    await starting.ended;
    expect(holdsLock()).toBe(true);
    await stack.expectWhole("`up` killed while it holds the lock");
    expect(holdsLock()).toBe(false);
  });
});
