import { spawn } from "node:child_process";
import { constants } from "node:os";
import { cli, type TestProject } from "./test-project.ts";

/** A command of the tool that goes on while a test does something to the stack. */
export interface Spawned {
  /** When the text on that stream first matched, by the time of day; fails when the command ends without it. */
  seen(stream: "stdout" | "stderr", pattern: RegExp): Promise<number>;
  /** The line of that stream that matches, among those that were read so far. */
  line(stream: "stdout" | "stderr", pattern: RegExp): string | undefined;
  readonly pid: number;
  /** Sends SIGINT, as Ctrl-C does, or another signal; returns whether it was still there to get it. */
  stop(signal?: NodeJS.Signals): boolean;
  readonly ended: Promise<{
    /** 128 and the signal's number for one that a signal ended, as in a shell. */
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

export function spawnTool(
  { dir, enter }: Pick<TestProject, "dir" | "enter">,
  ...args: readonly string[]
): Spawned {
  const [command, ...rest] = [...enter, process.execPath, cli, ...args, "--project-dir", dir];
  const child = spawn(command, rest);
  const text = { stdout: "", stderr: "" };
  const lookers = new Set<() => void>();
  const look = (): void => {
    for (const looker of lookers) looker();
  };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8");
    child[stream].on("data", (chunk: string) => {
      text[stream] += chunk;
      look();
    });
  }
  const ended = new Promise<Awaited<Spawned["ended"]>>((resolve) => {
    child.once("close", (status, signal) => {
      resolve({ status: status ?? 128 + constants.signals[signal ?? "SIGKILL"], ...text });
    });
  });
  return {
    ended,
    line: (stream, pattern) => text[stream].split("\n").find((line) => pattern.test(line)),
    pid: child.pid ?? Number.NaN,
    stop: (signal = "SIGINT") => child.exitCode === null && child.kill(signal),
    seen: async (stream, pattern) =>
      await new Promise((resolve, reject) => {
        const looker = (): void => {
          if (!pattern.test(text[stream])) return;
          lookers.delete(looker);
          resolve(Date.now());
        };
        lookers.add(looker);
        looker();
        ended.then(
          ({ status, stderr }) => {
            reject(new Error(`ended with ${String(status)} before ${String(pattern)}: ${stderr}`));
          },
          () => undefined,
        );
      }),
  };
}
