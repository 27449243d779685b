import { expect, test } from "vitest";
import { realClock } from "../../../src/adapters/clock.ts";

test("the time is the time of day", () => {
  expect(Math.abs(realClock.nowMs() - Date.now())).toBeLessThan(1000);
});

test("sleeping takes its time", async () => {
  const startedMs = realClock.nowMs();
  await realClock.sleep(10);
  expect(realClock.nowMs() - startedMs).toBeGreaterThan(8);
});

test("an abort ends the sleep with its own reason", async () => {
  const controller = new AbortController();
  const sleeping = realClock.sleep(60_000, controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
});
