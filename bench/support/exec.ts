import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

export interface ExecOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** A file for its standard input. */
  readonly inputFile?: string;
}

/** Runs a program that must succeed; gives what it wrote on stdout and stderr. */
export async function exec(
  command: string,
  args: readonly string[],
  { env = {}, inputFile }: ExecOptions = {},
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: "pipe" });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (status) => {
      if (status === 0) resolve({ stdout, stderr });
      else reject(new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stderr}${stdout}`));
    });
    // A program that ends before it has read everything breaks the pipe, and says why by its status.
    child.stdin.on("error", () => undefined);
    if (inputFile === undefined) child.stdin.end();
    else createReadStream(inputFile).pipe(child.stdin);
  });
}

/** How long some work took, in seconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
