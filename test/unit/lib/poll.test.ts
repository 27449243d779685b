import { describe, expect, test } from "vitest";
import { StackError } from "../../../src/lib/errors.ts";
import { pollUntil } from "../../../src/lib/poll.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

function polling(overrides: Partial<Parameters<typeof pollUntil>[1]> = {}) {
  const clock = createFakeClock();
  return {
    clock,
    options: { clock, intervalMs: 100, timeoutMs: 1_000, describe: () => "mlflow is starting", ...overrides },
  };
}

/** A check that is done, with "ready", at its nth call. */
function readyAtCall(n: number) {
  let calls = 0;
  return () => (++calls === n ? "ready" : undefined);
}

describe("pollUntil", () => {
  test("returns the first value, without sleeping when it is there at once", async () => {
    const { clock, options } = polling();
    await expect(pollUntil(readyAtCall(1), options)).resolves.toBe("ready");
    expect(clock.sleeps).toEqual([]);
  });

  test("sleeps one interval between two checks", async () => {
    const { clock, options } = polling();
    await expect(pollUntil(readyAtCall(4), options)).resolves.toBe("ready");
    expect(clock.sleeps).toEqual([100, 100, 100]);
  });

  test.each([[false], [0], [null], [""]])("takes %s for a value", async (value) => {
    await expect(pollUntil(() => value, polling().options)).resolves.toBe(value);
  });

  test("stops at once when a check throws", async () => {
    const { clock, options } = polling();
    const failed = new StackError("SERVICE_UNHEALTHY", "mlflow exited.");
    await expect(pollUntil(() => Promise.reject(failed), options)).rejects.toBe(failed);
    expect(clock.nowMs()).toBe(0);
  });

  test("gives up at the deadline and names what is missing", async () => {
    const { clock, options } = polling({ intervalMs: 300 });
    await expect(pollUntil(() => undefined, options)).rejects.toMatchObject({
      code: "WAIT_TIMEOUT",
      message: "Gave up after 1 s: mlflow is starting.",
      facts: { timeoutMs: 1_000, missing: "mlflow is starting" },
    });
    expect(clock.sleeps).toEqual([300, 300, 300, 100]);
  });

  test("checks a last time at the deadline itself", async () => {
    const { options } = polling({ intervalMs: 700 });
    await expect(pollUntil(readyAtCall(3), options)).resolves.toBe("ready");
  });

  test("counts the time that checks take", async () => {
    const { clock, options } = polling();
    let checks = 0;
    const slowCheck = async () => {
      checks++;
      await clock.sleep(600);
      return undefined;
    };
    await expect(pollUntil(slowCheck, options)).rejects.toMatchObject({ code: "WAIT_TIMEOUT" });
    expect(checks).toBe(2);
  });

  test("is interrupted between two checks", async () => {
    const controller = new AbortController();
    const { options } = polling({ timeoutMs: Infinity, signal: controller.signal });
    const waiting = pollUntil(() => undefined, options);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test("is interrupted by whatever a check throws once the signal aborted", async () => {
    const controller = new AbortController();
    const check = () => {
      controller.abort();
      throw new Error("socket hang up");
    };
    const waiting = pollUntil(check, polling({ signal: controller.signal }).options);
    await expect(waiting).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test("does not check at all when the signal aborted before", async () => {
    const waiting = pollUntil(() => "ready", polling({ signal: AbortSignal.abort() }).options);
    await expect(waiting).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
