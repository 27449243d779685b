import type { StackError } from "../lib/errors.ts";
import type { Paint } from "./colors.ts";

/** What failed and why, what was said last, and as the last thing the next step. */
export function renderError(error: StackError, paint: Paint, isVerbose: boolean): string {
  const lines = [`${paint.red("error")} ${paint.bold(error.code)}: ${error.message}`];
  const { log } = error.facts;
  if (Array.isArray(log)) lines.push(...log.map((line: string) => paint.dim(`  | ${line}`)));
  const command = error.facts["command"];
  if (isVerbose && typeof command === "string") lines.push(paint.dim(`  command: ${command}`));
  if (error.code === "INTERNAL" || isVerbose) lines.push(...stackOf(error).map((line) => paint.dim(line)));
  if (error.code === "INTERNAL") lines.push("This is a bug in stack; please report it with the lines above.");
  if (error.hint !== undefined) lines.push(`${paint.cyan("fix")} ${error.hint}`);
  return lines.join("\n");
}

function stackOf(error: StackError): readonly string[] {
  const origin = error.cause instanceof Error ? error.cause : error;
  return (origin.stack ?? "").split("\n").slice(1);
}

export interface ErrorDocument {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly hint: string | undefined;
  readonly facts: StackError["facts"];
}

/** The error as data, for `--json`. */
export function errorDocument({ code, status, message, hint, facts }: StackError): ErrorDocument {
  return { code, status, message, hint, facts };
}
