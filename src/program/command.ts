import { InvalidArgumentError, type Command } from "commander";
import type { Context } from "../context.ts";
import type { StackError } from "../lib/errors.ts";
import type { Output } from "../output/output.ts";

export interface Session {
  readonly context: Context;
  readonly output: Output;
}

/** What a command does; returns why the status isn't 0 although there is a result. */
type Work<Flags> = (
  session: Session,
  flags: Flags,
  args: readonly string[],
) => Promise<StackError | undefined>;

/** Makes commander's action of a command's work. */
export type Run = <Flags extends object>(work: Work<Flags>) => (...given: unknown[]) => Promise<void>;

/** A command with the options that all of them share. */
export function addVerb(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--project-dir <folder>", "folder with stack.yaml and dags/", ".")
    .option("--json", "print one JSON document on stdout")
    .option("--quiet", "print results and errors only")
    .option("--verbose", "print more about errors")
    .option("--no-color", "print without colours");
}

export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
}

/** For an option that may be given many times. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

const longestTimeout = 86_400;

export function seconds(value: string): number {
  const number = Number(value);
  if (!/^\d+(?:\.\d+)?$/u.test(value) || number <= 0 || number > longestTimeout) {
    throw new InvalidArgumentError(`Give a number of seconds, at most ${longestTimeout}.`);
  }
  return number;
}
