import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createFaultStack,
  strayProcesses,
  type FaultStack,
  type StopSignal,
} from "../support/fault-stack.ts";

type Moment = RegExp | number;

/* A signal at each stage of each command that changes a stack. Numbers are milliseconds since it was spawned. */
describe("a signal", () => {
  let stack: FaultStack;

  beforeAll(async () => {
    stack = await createFaultStack("signals");
  });
  afterAll(async () => {
    await stack.dispose();
  });

  /** The command ends soon with the signal's status, and leaves neither a lock nor a process nor a draft of a file. */
  const expectEnd = async (verb: string, signal: StopSignal, moment: Moment): Promise<void> => {
    const command = stack.spawn(verb, "--json");
    if (typeof moment === "number") await sleep(moment);
    else await command.seen("stderr", moment);
    await stack.expectStopped(command, signal);
    await expect.poll(async () => await strayProcesses(stack), { timeout: 2000 }).toEqual([]);
    const known = new Set([
      ".env",
      ".gitignore",
      "certificates",
      "compose.yaml",
      "state.json",
      "timings.json",
    ]);
    expect(readdirSync(stack.path(".stack")).filter((name) => !known.has(name))).toEqual([]);
  };

  const words = (signal: StopSignal, verb: string, moment: Moment): string =>
    `${signal} to \`${verb}\` ${typeof moment === "number" ? `after ${moment} ms` : `at "${moment.source}"`}`;

  test.each<[StopSignal, Moment]>([
    ["SIGINT", 60],
    ["SIGTERM", 250],
    ["SIGINT", 400],
    ["SIGTERM", /waiting for/u],
    ["SIGINT", /(?:postgres|minio) healthy/u],
    ["SIGTERM", /mlflow healthy/u],
    ["SIGINT", /hops between services/u],
  ])("%s ends `up` at %s", async (signal, moment) => {
    await stack.stack("down");
    await expectEnd("up", signal, moment);
    await stack.expectWhole(words(signal, "up", moment));
  });

  test.each<[StopSignal, Moment]>([
    ["SIGTERM", 150],
    ["SIGINT", /Airflow reads/u],
    ["SIGTERM", /Running/u],
    ["SIGINT", /create_experiment success/u],
  ])("%s ends `seed` at %s", async (signal, moment) => {
    await expectEnd("seed", signal, moment);
    await stack.expectWhole(words(signal, "seed", moment));
  });

  test.each<[StopSignal, Moment]>([
    ["SIGINT", 100],
    ["SIGTERM", 300],
    ["SIGINT", 500],
    ["SIGTERM", 800],
  ])("%s ends `down` at %s", async (signal, moment) => {
    await expectEnd("down", signal, moment);
    await stack.expectWhole(words(signal, "down", moment));
  });

  test.each<[StopSignal, Moment]>([
    ["SIGTERM", 60],
    ["SIGINT", 110],
  ])("%s ends `pause` at %s", async (signal, moment) => {
    await expectEnd("pause", signal, moment);
    await stack.expectWhole(words(signal, "pause", moment));
  });

  test.each<[StopSignal, Moment]>([
    ["SIGINT", 100],
    ["SIGTERM", /hops between services/u],
  ])("%s ends `resume` at %s", async (signal, moment) => {
    await stack.stack("pause");
    await expectEnd("resume", signal, moment);
    await stack.expectWhole(words(signal, "resume", moment));
  });

  test("that no program can catch leaves an `up` that the next one makes up for", async () => {
    await stack.stack("down");
    const command = stack.spawn("up", "--json");
    await command.seen("stderr", /waiting for/u);
    expect(command.stop("SIGKILL")).toBe(true);
    expect((await command.ended).status).toBe(137);
    await stack.expectWhole("SIGKILL to `up`");
  });
});
