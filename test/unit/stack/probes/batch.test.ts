import { describe, expect, test } from "vitest";
import { batchOf } from "../../../../src/stack/probes/batch.ts";
import { run } from "../../../support/run.ts";

const shell = (script: string, env: Record<string, string> = {}) => ({
  command: ["bash", "-c", script, "probe", "it's an argument"],
  env,
});

async function results(...commands: ReturnType<typeof shell>[]) {
  const {
    command: [program = "", ...args],
    env,
    resultsOf,
  } = batchOf(commands);
  const { status, stdout, stderr } = await run(program, args, { env: { ...process.env, ...env } });
  return resultsOf({ exitCode: status, stdout, stderr });
}

const boundaryIn = (command: readonly string[]): string =>
  /--[0-9a-f-]{36}/u.exec(command.join(" "))?.[0] ?? "none";

describe("a batch", () => {
  test("takes every word and variable literally", async () => {
    const words = [
      "$(echo ran)",
      "`echo ran`",
      "a'b\"c",
      "\\",
      "; echo ran",
      "a\nb",
      "--x",
      "*",
      "--boundary 0 0",
    ];
    const [said] = await results(
      {
        command: ["printf", "<%s>", ...words],
        env: {},
      },
      shell('printf %s "$VALUE"', { VALUE: words.join("") }),
    );
    expect(said?.output).toBe(words.map((word) => `<${word}>`).join(""));
  });

  test("gives each command's output and exit code in order, whichever ends first", async () => {
    const [slow, quick] = await results(
      shell(`sleep 0.2; printf '%s\\n\\nslow' "$1"`),
      shell("echo out; echo err >&2; exit 7"),
    );
    expect(slow).toMatchObject({ exitCode: 0, output: "it's an argument\n\nslow" });
    expect(quick?.exitCode).toBe(7);
    expect(quick?.output.split("\n").filter((line) => line !== "")).toEqual(["out", "err"]);
    expect(slow?.durationMs).toBeGreaterThanOrEqual(190);
    expect(quick?.durationMs).toBeLessThan(150);
  });

  test("keeps the commands' variables apart, and out of the process list", async () => {
    const commands = [
      shell('printf %s "$SECRET"', { SECRET: "one" }),
      shell('printf %s "$SECRET"', { SECRET: "two" }),
    ];
    expect((await results(...commands)).map(({ output }) => output)).toEqual(["one", "two"]);
    expect(batchOf(commands).command.join(" ")).not.toMatch(/one|two/u);
  });

  test("without bash fails as a whole, for each command", () => {
    const failed = { exitCode: 127, stdout: "", stderr: "bash: not found\n" };
    expect(batchOf([shell("a"), shell("b")]).resultsOf(failed)).toEqual(
      [1, 2].map(() => ({ exitCode: 127, output: "bash: not found", durationMs: 0 })),
    );
  });

  test("that was cut short counts what is missing as failed", () => {
    const { command, resultsOf } = batchOf([shell("a"), shell("b")]);
    const cut = { exitCode: 0, stdout: `a\n${boundaryIn(command)} 0 1500\nhalf`, stderr: "" };
    expect(resultsOf(cut)).toMatchObject([{ exitCode: 0, output: "a", durationMs: 2 }, { exitCode: 1 }]);
  });

  test("has a boundary that nobody can know who answers one of its commands", () => {
    const [one, other] = [batchOf([shell("a")]), batchOf([shell("a")])];
    expect(boundaryIn(one.command)).not.toBe(boundaryIn(other.command));
    const guessed = { exitCode: 0, stdout: `\n${boundaryIn(other.command)} 0 1\n`, stderr: "" };
    expect(one.resultsOf(guessed)).toMatchObject([{ exitCode: 1 }]);
  });
});
