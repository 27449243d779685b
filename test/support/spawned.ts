import { spawn } from "node:child_process";
import { cli } from "./test-project.ts";

/** A command of the tool that goes on while a test does something to the stack. */
export interface Spawned {
  /** When the text on that stream first matched, by the time of day; fails when the command ends without it. */
  seen(stream: "stdout" | "stderr", pattern: RegExp): Promise<number>;
  stop(): void;
  readonly ended: Promise<{
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

export function spawnTool(dir: string, ...args: readonly string[]): Spawned {
  const child = spawn(process.execPath, [cli, ...args, "--project-dir", dir]);
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
    child.once("close", (status) => {
      resolve({ status, ...text });
    });
  });
  return {
    ended,
    stop: () => {
      child.kill("SIGINT");
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
