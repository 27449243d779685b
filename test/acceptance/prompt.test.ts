import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cli } from "../support/test-project.ts";

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "stack-prompt-"));
  const settings = "mlflow: { mode: remote, url: 'https://mlflow.example', login: alice }\n";
  await writeFile(join(dir, "stack.yaml"), settings);
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** Runs a command line of `stack` on a terminal; gives all that the terminal showed. */
async function onTerminal(
  args: string,
  question: string,
  typed: string,
): Promise<{ readonly status: number | null; readonly shown: string }> {
  const command = `'${process.execPath}' '${cli}' ${args} --no-color --project-dir '${dir}'`;
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"]);
  let shown = "";
  let isAnswered = false;
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
    if (isAnswered || !shown.includes(question)) return;
    isAnswered = true;
    child.stdin.write(typed);
  });
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, shown };
}

const question = "Password or token of alice at https://mlflow.example: ";

test("a password that nothing gives is asked for on a terminal, and not shown as it is typed", async () => {
  const { shown } = await onTerminal("connection show --reveal --json", question, "typed-by-alice\r");
  // Between the two, the spinner gives the cursor back.
  const at = shown.indexOf("{");
  const before = shown.slice(0, at);
  expect(before).toContain(question);
  expect(before).not.toContain("typed-by-alice");
  expect(JSON.parse(shown.slice(at))).toMatchObject({ fields: { password: "typed-by-alice" } });
});

test("Ctrl-C at the question ends the command", async () => {
  const { status, shown } = await onTerminal("connection show --reveal", question, "\u0003");
  expect(shown).toContain("INTERRUPTED");
  expect(status).toBe(130);
});
