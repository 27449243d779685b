import type { ExecResult } from "../ports.ts";
import type { ContainerCommand } from "./curl.ts";

/** What one command of a batch came to, and how long it took inside the container. */
export interface BatchResult {
  readonly exitCode: number;
  /** Both of its streams. */
  readonly output: string;
  readonly durationMs: number;
}

export interface Batch extends ContainerCommand {
  /** The results in the order of the commands. A container without bash has the same for all. */
  resultsOf(ran: ExecResult): readonly BatchResult[];
}

/** One command that runs the others at the same time: each process that the engine starts costs a tenth of a second. */
export function batchOf(commands: readonly ContainerCommand[]): Batch {
  // Nobody whose answer a command prints can know it.
  const boundary = `--${crypto.randomUUID()}`;
  const starts = commands.map(({ command, env }, index) => {
    const exports = Object.keys(env).map((name) => `${name}="$${prefixed(index, name)}"`);
    const line = [...exports, ...command.map(quoted)].join(" ");
    return `exec {reader${index}}< <(began=$EPOCHREALTIME; ${line} 2>&1; status=$?; ended=$EPOCHREALTIME
printf '\\n%s %s %s\\n' '${boundary}' "$status" $(( \${ended//[.,]/} - \${began//[.,]/} )))`;
  });
  const reads = commands.map((_, index) => `cat <&"$reader${index}"`);
  const env = commands.flatMap((one, index) =>
    Object.entries(one.env).map(([name, value]) => [prefixed(index, name), value] as const),
  );
  return {
    command: ["bash", "-c", [...starts, ...reads].join("\n")],
    env: Object.fromEntries(env),
    resultsOf: (ran) => splitAt(boundary, ran, commands.length),
  };
}

function splitAt(
  boundary: string,
  { exitCode, stdout, stderr }: ExecResult,
  count: number,
): readonly BatchResult[] {
  const parts = [...stdout.matchAll(new RegExp(`([^]*?)\\n${boundary} (\\d+) (\\d+)\\n`, "gu"))];
  return Array.from({ length: count }, (_, index) => {
    const part = parts[index];
    if (part === undefined) {
      return { exitCode: exitCode === 0 ? 1 : exitCode, output: `${stdout}${stderr}`.trim(), durationMs: 0 };
    }
    const [, output = "", status, micros] = part;
    return { exitCode: Number(status), output, durationMs: Math.round(Number(micros) / 1000) };
  });
}

function prefixed(index: number, name: string): string {
  return `HOP_${index}_${name}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
