import { execa, type Options } from "execa";
import { interrupted } from "../lib/errors.ts";

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: Uint8Array;
  readonly signal?: AbortSignal;
  /** Called with each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface ProcessResult {
  /** 127 when the command isn't installed. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

// Within the two seconds that Ctrl-C may take, with time left to clean up.
const killAfterMs = 1000;

/**
 * Runs a program with an argument list, never through a shell, and waits for its end; an abort ends it, by
 * force after a second. Throws INTERRUPTED on abort, and when Ctrl-C ended the program; any exit code is a result.
 */
export async function runProcess(request: ProcessRequest): Promise<ProcessResult> {
  const { command, args, cwd, env, input, signal, onLine } = request;
  const options = {
    reject: false,
    forceKillAfterDelay: killAfterMs,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env, extendEnv: false }),
    ...(input === undefined ? { stdin: "ignore" } : { input }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  } as const satisfies Options;
  const child = execa(command, [...args], options);
  if (onLine !== undefined) {
    for (const stream of [child.stdout, child.stderr]) forEachLine(stream, onLine);
  }
  const result = await child;
  // A terminal sends it to every program there, also to those that nothing here would end.
  if (signal?.aborted || result.signal === "SIGINT") throw interrupted(signal?.reason);
  return {
    exitCode: result.exitCode ?? (result.code === "ENOENT" ? 127 : 1),
    stdout: result.stdout,
    stderr: result.stderr,
  };
}

function forEachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}

/** The last lines of what a program printed, empty ones left out. */
export function lastLines(text: string, count: number): readonly string[] {
  return text
    .split(/\r?\n|\r/u)
    .filter((line) => line.trim() !== "")
    .slice(-count);
}
