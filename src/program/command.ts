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
    .option("--json", "print results as JSON on stdout")
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

/**
 * Has an option that holds one value refused when it is given again, in a command and all below it: which of the
 * two was meant can't be known.
 */
export function refuseTwice(command: Command): void {
  for (const option of command.options) {
    if ((!option.required && !option.optional) || option.variadic || option.parseArg === collect) continue;
    let earlier: string | undefined;
    command.on(`option:${option.name()}`, (value: string) => {
      if (earlier !== undefined) {
        throw new InvalidArgumentError(
          `${option.long ?? option.flags} was given as '${earlier}' and as '${value}'. Give it once.`,
        );
      }
      earlier = value;
    });
  }
  command.commands.forEach(refuseTwice);
}

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** "90s", "10m", "2h" or "3d" in milliseconds. */
export function age(value: string): number {
  const [, number = "", unit] = /^(\d{1,6})([smhd])$/u.exec(value) ?? [];
  if (unit === "s" || unit === "m" || unit === "h" || unit === "d") {
    return Number(number) * unitSeconds[unit] * 1000;
  }
  throw new InvalidArgumentError("Give a number with its unit, as 90s, 10m, 2h or 3d.");
}

const mostLines = 1_000_000;

/** A number of lines; infinite for "all". */
export function lineCount(value: string): number {
  if (value === "all") return Infinity;
  const number = Number(value);
  if (/^\d{1,7}$/u.test(value) && number <= mostLines) return number;
  throw new InvalidArgumentError(`Give a number of lines, at most ${mostLines}, or "all".`);
}

/** A number that counts from one. */
export function ordinal(value: string): number {
  if (/^[1-9]\d{0,5}$/u.test(value)) return Number(value);
  throw new InvalidArgumentError("Give a whole number from 1 on.");
}

const longestTimeout = 86_400;

export function seconds(value: string): number {
  const number = Number(value);
  if (!/^\d+(?:\.\d+)?$/u.test(value) || number <= 0 || number > longestTimeout) {
    throw new InvalidArgumentError(`Give a number of seconds, at most ${longestTimeout}.`);
  }
  return number;
}
