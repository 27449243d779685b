import { errorTable, type ErrorCode } from "./error-table.ts";

/** Details a renderer or a script can use without parsing the message. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface StackErrorOptions {
  /** The next action, naming a command or a setting. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  readonly facts?: ErrorFacts | undefined;
  /** The exit status, where it isn't the one that goes with the code. */
  readonly status?: number | undefined;
}

/** The one error of this program: `message` says what failed and why, in one sentence. */
export class StackError extends Error {
  override readonly name = "StackError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly facts: ErrorFacts;
  /** The exit status of the command that ends with this error. */
  readonly status: number;

  constructor(code: ErrorCode, message: string, options: StackErrorOptions = {}) {
    super(shortened(message), options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.facts = options.facts ?? {};
    this.status = options.status ?? errorTable[code].status;
  }
}

/** Longer than any path or name that works; nobody reads more of one that doesn't. */
const longestWord = 4096;
const kept = 60;

/** A message quotes what was given; one that was given a book is still a message. */
function shortened(message: string): string {
  return message.replace(/\S+/gu, (word) =>
    word.length <= longestWord ? word : `${word.slice(0, kept)}... (${word.length} characters)`,
  );
}

/** Anything thrown, as a StackError: an abort becomes INTERRUPTED, the unexpected becomes INTERNAL. */
export function toStackError(thrown: unknown): StackError {
  if (thrown instanceof StackError) return thrown;
  // Node's own waits keep the signal's reason as the cause.
  if (isAbortError(thrown)) return interrupted(thrown.cause instanceof StackError ? thrown.cause : thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new StackError("INTERNAL", message, { cause: thrown });
}

/** What every wait throws when its signal aborts; an abort reason that is a StackError wins. */
export function interrupted(reason?: unknown): StackError {
  if (reason instanceof StackError) return reason;
  return new StackError("INTERRUPTED", "Interrupted.", { cause: reason });
}

function isAbortError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === "AbortError";
}
