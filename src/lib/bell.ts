import type { Clock } from "./clock.ts";

/** A clock whose sleepers can be woken. */
export interface Bell extends Clock {
  /** Ends the sleep that goes on, or else the next one before it begins. */
  ring(): void;
}

/** For one sleeper at a time. */
export function createBell(clock: Clock): Bell {
  let isRung = false;
  let wake: (() => void) | undefined;
  return {
    nowMs: clock.nowMs,
    ring: () => {
      isRung = true;
      wake?.();
    },
    sleep: async (ms, signal) => {
      const nap = new AbortController();
      const rung = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        if (isRung) signal?.throwIfAborted();
        else
          await Promise.race([
            rung,
            clock.sleep(ms, signal === undefined ? nap.signal : AbortSignal.any([signal, nap.signal])),
          ]);
      } finally {
        isRung = false;
        wake = undefined;
        nap.abort();
      }
    },
  };
}
