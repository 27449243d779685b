import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder of the tool's own sources. */
export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a program to its end; any exit status is a result. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Finished> {
  return await new Promise((resolve) => {
    const settings = { ...options, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(command, [...args], settings, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ status, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** Runs a program that must succeed; gives its stdout. */
export async function output(command: string, args: readonly string[], cwd?: string): Promise<string> {
  const { status, stdout, stderr } = await run(command, args, cwd === undefined ? {} : { cwd });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** Asks the engine with the `docker` command, independently of the tool's own adapter. */
export async function docker(...args: readonly string[]): Promise<string> {
  return (await output("docker", args)).trim();
}

/** The lines of a `docker` answer. */
export async function dockerLines(...args: readonly string[]): Promise<readonly string[]> {
  return (await docker(...args)).split("\n").filter((line) => line !== "");
}
