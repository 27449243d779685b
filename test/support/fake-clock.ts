import type { Clock } from "../../src/lib/clock.ts";

export interface FakeClock extends Clock {
  /** Every sleep so far, in order. */
  readonly sleeps: readonly number[];
}

/** A clock on which sleeping takes no real time: each sleep moves it forward at once. */
export function createFakeClock(startMs = 0): FakeClock {
  const sleeps: number[] = [];
  let nowMs = startMs;
  return {
    sleeps,
    nowMs: () => nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      sleeps.push(ms);
      nowMs += ms;
      // A real turn of the event loop, so that a loop that never ends can still be aborted from outside.
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    },
  };
}
