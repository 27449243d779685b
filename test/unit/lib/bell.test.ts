import { expect, test } from "vitest";
import { createBell } from "../../../src/lib/bell.ts";
import { realClock } from "../../../src/adapters/clock.ts";

test("a sleep that nobody ends takes its time", async () => {
  const beganMs = realClock.nowMs();
  await createBell(realClock).sleep(30);
  expect(realClock.nowMs() - beganMs).toBeGreaterThanOrEqual(29);
});

test("a sleep ends when the bell rings", async () => {
  const bell = createBell(realClock);
  const sleeping = bell.sleep(60_000);
  bell.ring();
  await expect(sleeping).resolves.toBeUndefined();
});

test("a bell that has rung before ends one sleep, and not the next", async () => {
  const bell = createBell(realClock);
  bell.ring();
  bell.ring();
  await bell.sleep(60_000);
  const beganMs = realClock.nowMs();
  await bell.sleep(30);
  expect(realClock.nowMs() - beganMs).toBeGreaterThanOrEqual(29);
});

test("an abort ends a sleep with its reason, also after the bell has rung", async () => {
  const bell = createBell(realClock);
  const stop = new AbortController();
  const sleeping = bell.sleep(60_000, stop.signal);
  stop.abort(new Error("enough"));
  await expect(sleeping).rejects.toThrow("enough");
  bell.ring();
  await expect(bell.sleep(60_000, stop.signal)).rejects.toThrow("enough");
});
