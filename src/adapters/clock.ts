import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../lib/clock.ts";

export const realClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: async (ms, signal) => {
    try {
      await sleep(ms, undefined, { signal });
    } catch (error) {
      // Node wraps the signal's reason in an error of its own.
      signal?.throwIfAborted();
      throw error;
    }
  },
};
