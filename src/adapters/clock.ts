import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../lib/clock.ts";

export const realClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};
