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
  /**
   * Sends SIGINT, as Ctrl-C does: to it and to the programs that it runs; or another signal, as `kill` does: to it alone.
   * Returns whether it was still there to get it.
   */
  stop(signal?: NodeJS.Signals): boolean;
  readonly ended: Promise<{
    /** 128 and the signal's number for one that a signal ended, as in a shell. */
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/** Leaders of the groups that are at work: who stops the tests with Ctrl-C reaches none of them by it. */
const atWork = new Set<number>();

function interruptGroup(pid: number): boolean {
  try {
    return process.kill(-pid, "SIGINT");
  } catch {
    // All of it has ended.
    return false;
  }
}

function interruptAll(): void {
  for (const pid of atWork) interruptGroup(pid);
}

process.once("exit", interruptAll);
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interruptAll();
    // Which then does what it would have done.
    process.kill(process.pid, signal);
  });
}

export function spawnTool(
  { dir, enter }: Pick<TestProject, "dir" | "enter">,
  ...args: readonly string[]
): Spawned {
  const [command, ...rest] = [...enter, process.execPath, cli, ...args, "--project-dir", dir];
  // A process group of its own, as a shell gives each command: the terminal signals one as a whole.
  const child = spawn(command, rest, { detached: true });
  const { pid = Number.NaN } = child;
  atWork.add(pid);
  child.once("exit", () => {
    atWork.delete(pid);
  });
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
    pid,
    stop: (signal = "SIGINT") => {
      if (child.exitCode !== null) return false;
      return signal === "SIGINT" ? interruptGroup(pid) : child.kill(signal);
    },
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
