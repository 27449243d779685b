import { describe, expect, test } from "vitest";
import { lastLines, runProcess } from "../../../src/adapters/process.ts";
import { StackError } from "../../../src/lib/errors.ts";

const sh = (script: string, more: Partial<Parameters<typeof runProcess>[0]> = {}) =>
  runProcess({ command: "sh", args: ["-c", script], ...more });

describe("a program", () => {
  test("gives its exit code and both its outputs", async () => {
    await expect(sh("echo out; echo err >&2; exit 3")).resolves.toEqual({
      exitCode: 3,
      stdout: "out",
      stderr: "err",
    });
  });

  test("that isn't installed has exit code 127", async () => {
    await expect(runProcess({ command: "no-such-program-anywhere", args: [] })).resolves.toMatchObject({
      exitCode: 127,
    });
  });

  test("that is killed by someone else has failed", async () => {
    await expect(sh("kill -9 $$")).resolves.toMatchObject({ exitCode: 1 });
  });

  test("gets its arguments as they are, without a shell between", async () => {
    const args = ["-c", 'printf "%s|" "$@"', "sh", "a b", "$HOME", "*", "; exit 9"];
    await expect(runProcess({ command: "sh", args })).resolves.toMatchObject({
      stdout: "a b|$HOME|*|; exit 9|",
    });
  });

  test("gets its input, and an end of it when there is none", async () => {
    await expect(sh("cat", { input: new TextEncoder().encode("größer") })).resolves.toMatchObject({
      stdout: "größer",
    });
    await expect(sh("cat")).resolves.toMatchObject({ exitCode: 0, stdout: "" });
  });

  test("gets the environment that it is given and no other", async () => {
    const env = { PATH: process.env["PATH"], MINE: "yes" };
    await expect(sh('echo "$MINE,$HOME"', { env })).resolves.toMatchObject({ stdout: "yes," });
  });

  test("runs in the folder that it is told", async () => {
    await expect(sh("pwd", { cwd: "/" })).resolves.toMatchObject({ stdout: "/" });
  });

  test("tells its lines as they come, the last one also without an end", async () => {
    const lines: string[] = [];
    await sh("printf 'one\\ntw'; sleep 0.02; printf 'o\\n\\nthree'", { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(["one", "two", "", "three"]);
  });
});

test("a program that Ctrl-C ended was interrupted, whoever would have ended it", async () => {
  await expect(sh("kill -INT $$")).rejects.toMatchObject({ code: "INTERRUPTED" });
});

describe("an abort", () => {
  test("ends the program, with the reason it was given", async () => {
    const controller = new AbortController();
    const reason = new StackError("INTERRUPTED", "Interrupted; what had been started stays as it is.");
    const running = sh("exec sleep 30", { signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });

  test("lets the program clean up", async () => {
    const controller = new AbortController();
    const lines: string[] = [];
    const script = 'trap "echo cleaned; exit 0" TERM; echo ready; while :; do sleep 0.01; done';
    const onLine = (line: string): void => {
      lines.push(line);
      if (line === "ready") controller.abort();
    };
    await expect(sh(script, { signal: controller.signal, onLine })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    expect(lines).toEqual(["ready", "cleaned"]);
  });

  test("before the start is an interruption too", async () => {
    await expect(sh("echo ran", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
  });
});

test("the last lines leave out empty ones, whatever ends them", () => {
  expect(lastLines("a\r\n\n  \nb\rc\nd\n", 3)).toEqual(["b", "c", "d"]);
  expect(lastLines("", 3)).toEqual([]);
});
