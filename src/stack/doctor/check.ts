import { StackError } from "../../lib/errors.ts";

export type Outcome = "ok" | "warning" | "failure";

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** Whose it is: a failure of the machine ends with status 3, one of the stack with 4. */
  readonly about: "machine" | "stack";
  readonly outcome: Outcome;
  /** What was found, in one line. */
  readonly text: string;
  /** What to run, or to set, in one line; undefined when all is well. */
  readonly fix: string | undefined;
}

/** Something that could not be looked at. */
export interface Skipped {
  readonly name: string;
  readonly why: string;
}

export interface Checker {
  ok(name: string, text: string): Check;
  warning(name: string, text: string, fix: string): Check;
  failure(name: string, text: string, fix: string): Check;
}

/** The checks that `work` makes; when it can't be done, a failed one that says why, so that it hides no other. */
export async function standalone(
  checker: Checker,
  name: string,
  work: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StackError) || error.code === "INTERRUPTED") throw error;
    return [checker.failure(name, inOneLine(error.message), error.hint ?? "stack doctor")];
  }
}

export function inOneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/gu, " ");
}

function createChecker(about: Check["about"]): Checker {
  const make = (outcome: Outcome, name: string, text: string, fix?: string): Check => ({
    name,
    about,
    outcome,
    text,
    fix,
  });
  return {
    ok: (name, text) => make("ok", name, text),
    warning: (name, text, fix) => make("warning", name, text, fix),
    failure: (name, text, fix) => make("failure", name, text, fix),
  };
}

export const ofMachine = createChecker("machine");
export const ofStack = createChecker("stack");
