import type { Clock } from "./clock.ts";
import { interrupted, StackError } from "./errors.ts";

export interface PollOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** From the first check on; the last check starts no later than this. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Says what is still missing, for the message of a time-out: "mlflow is starting". */
  readonly describe: () => string;
}

/** Repeats `check` until it returns a value (done) or throws (failed for good); `undefined` keeps polling. */
export async function pollUntil<T>(
  check: (signal?: AbortSignal) => Promise<T | undefined> | T | undefined,
  options: PollOptions,
): Promise<T> {
  const { clock, intervalMs, timeoutMs, signal } = options;
  const deadlineMs = clock.nowMs() + timeoutMs;
  for (;;) {
    const value = await untilAborted(signal, () => check(signal));
    if (value !== undefined) return value;
    const leftMs = deadlineMs - clock.nowMs();
    if (leftMs <= 0) throw timedOut(options);
    await untilAborted(signal, () => clock.sleep(Math.min(intervalMs, leftMs), signal));
  }
}

function timedOut({ timeoutMs, describe }: PollOptions): StackError {
  const missing = describe();
  return new StackError("WAIT_TIMEOUT", `Gave up after ${timeoutMs / 1000} s: ${missing}.`, {
    hint: "Give it longer with --timeout, or look at the logs.",
    facts: { timeoutMs, missing },
  });
}

/** Whatever a step makes of an abort, the caller sees INTERRUPTED. */
async function untilAborted<T>(signal: AbortSignal | undefined, step: () => Promise<T> | T): Promise<T> {
  if (signal?.aborted) throw interrupted(signal.reason);
  try {
    return await step();
  } catch (error) {
    throw signal?.aborted ? interrupted(signal.reason) : error;
  }
}
