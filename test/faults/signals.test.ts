import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canaryTraces } from "../support/canary-traces.ts";
import {
  createFaultStack,
  strayProcesses,
  type FaultStack,
  type StopSignal,
} from "../support/fault-stack.ts";
import { createSecretKeeper } from "../support/secret-keeper.ts";

type Moment = RegExp | number;

/** Ctrl-C and what a machine sends that shuts down, at each of these moments. */
function bothAt(moments: readonly Moment[]): readonly (readonly [StopSignal, Moment])[] {
  return moments.flatMap((moment) => [["SIGINT", moment] as const, ["SIGTERM", moment] as const]);
}

/** Programs that the tool runs get a second to end by themselves; `prove` takes its canary away meanwhile. */
const endsMs = 2000;
/** MLflow's own command forgets an experiment for good; it takes seconds, and goes on without the tool. */
const forgotten = { timeout: 20_000, interval: 500 };

/* A signal at each stage of each command that changes a stack. Numbers are milliseconds since it was spawned. */
describe("a signal", () => {
  let stack: FaultStack;

  beforeAll(async () => {
    stack = await createFaultStack("signals");
    await createSecretKeeper(stack, "airflow").encryptSomething();
  });
  afterAll(async () => {
    await stack.dispose();
  });

  /** The command ends soon with the signal's status, and leaves neither a lock nor a process nor a draft of a file. */
  const expectEnd = async (verb: string, signal: StopSignal, moment: Moment): Promise<void> => {
    const command = stack.spawn(...verb.split(" "), "--json");
    if (typeof moment === "number") await sleep(moment);
    else await command.seen("stderr", moment);
    await stack.expectStopped(command, signal, endsMs);
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

  test.each(
    bothAt([
      60,
      250,
      400,
      /waiting for/u,
      /(?:postgres|minio) healthy/u,
      /mlflow healthy/u,
      /hops between services/u,
    ]),
  )("%s ends `up` at %s", async (signal, moment) => {
    await stack.stack("down");
    await expectEnd("up", signal, moment);
    await stack.expectWhole(words(signal, "up", moment));
  });

  test.each(
    bothAt([
      150,
      /Airflow reads/u,
      /Running/u,
      /create_experiment success/u,
      /mlflow_tutorial_dag succeeded/u,
    ]),
  )("%s ends `seed` at %s", async (signal, moment) => {
    await expectEnd("seed", signal, moment);
    await stack.expectWhole(words(signal, "seed", moment));
  });

  test.each(bothAt([100, 300, 500, 800]))("%s ends `down` at %s", async (signal, moment) => {
    await expectEnd("down", signal, moment);
    await stack.expectWhole(words(signal, "down", moment));
  });

  test.each(bothAt([60, 110]))("%s ends `pause` at %s", async (signal, moment) => {
    await expectEnd("pause", signal, moment);
    await stack.expectWhole(words(signal, "pause", moment));
  });

  test.each(bothAt([100, /hops between services/u]))("%s ends `resume` at %s", async (signal, moment) => {
    await stack.stack("pause");
    await expectEnd("resume", signal, moment);
    await stack.expectWhole(words(signal, "resume", moment));
  });

  test.each(bothAt([/Airflow reads/u, /Running stack_canary/u, /log_to_mlflow/u, /stack_canary succeeded/u]))(
    "%s ends `prove` at %s, which takes its canary away first",
    async (signal, moment) => {
      await expectEnd("prove", signal, moment);
      await expect.poll(async () => await canaryTraces(stack), forgotten).toEqual([]);
      expect((await stack.stack("prove")).status).toBe(0);
      expect(await canaryTraces(stack)).toEqual([]);
      await stack.expectWhole(words(signal, "prove", moment));
    },
  );

  test.each(bothAt([/Giving the data its secrets/u, /The data has its secrets/u]))(
    "%s ends `secrets rotate` at %s, which `up` goes on with",
    async (signal, moment) => {
      const keeper = createSecretKeeper(stack, "airflow");
      const before = await keeper.onDisk();
      await expectEnd("secrets rotate", signal, moment);
      await stack.expectWhole(words(signal, "secrets rotate", moment));
      await keeper.expectReplaced(before);
    },
  );

  test("that no program can catch leaves an `up` that the next one makes up for", async () => {
    await stack.stack("down");
    const command = stack.spawn("up", "--json");
    await command.seen("stderr", /waiting for/u);
    expect(command.stop("SIGKILL")).toBe(true);
    expect((await command.ended).status).toBe(137);
    await stack.expectWhole("SIGKILL to `up`");
  });
});
