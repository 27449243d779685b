import { expect, test } from "vitest";
import { runProcess } from "../../src/adapters/process.ts";

// Here and not among the unit tests because it takes the second that a program is given to end by itself.
test("an abort ends within a second and a half a program that doesn't want to", async () => {
  const controller = new AbortController();
  const startedMs = performance.now();
  const running = runProcess({
    command: "sh",
    args: ["-c", 'trap "" TERM; echo ready; while :; do sleep 0.05; done'],
    signal: controller.signal,
    onLine: () => controller.abort(),
  });
  await expect(running).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(performance.now() - startedMs).toBeLessThan(1500);
});
