import { describe, expect, test } from "vitest";
import { createPaint } from "../../../src/output/colors.ts";
import { createNarrator } from "../../../src/output/narrator.ts";
import type { StepEvent } from "../../../src/stack/events.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createFakeScreen } from "../../support/fake-screen.ts";

function narrate({ withSpinner }: { readonly withSpinner: boolean }) {
  const clock = createFakeClock();
  const screen = createFakeScreen();
  const narrator = createNarrator({
    write: screen.write,
    paint: createPaint(false),
    spinner: withSpinner ? screen.spinner : undefined,
    nowMs: clock.nowMs,
    repeat: screen.repeat,
  });
  const step = (id: string, status: StepEvent["status"], more: Partial<StepEvent> = {}): void => {
    narrator.emit({ kind: "step", id, status, text: id, ...more });
  };
  return { clock, screen, narrator, step };
}

describe.each([true, false])("with a spinner: %s", (withSpinner) => {
  test("an end is a line with its mark, its detail and how long it took", () => {
    const { screen, step } = narrate({ withSpinner });
    step("image minio", "done", { elapsedMs: 61_000 });
    step("image mlflow", "failed", { detail: "3/9 RUN", elapsedMs: 500 });
    step("compose file", "unchanged");
    expect(screen.lines).toEqual([
      "✔ image minio 1 min 1 s",
      "✖ image mlflow 3/9 RUN 500 ms",
      "= compose file",
    ]);
  });

  test("notes are lines, a warning with a mark", () => {
    const { screen, narrator } = narrate({ withSpinner });
    narrator.emit({ kind: "note", level: "info", text: "so it is" });
    narrator.emit({ kind: "note", level: "warning", text: "little memory" });
    expect(screen.lines).toEqual(["  so it is", "! little memory"]);
  });
});

describe("without a terminal", () => {
  test("a step that goes on speaks at its start, and then only now and then", async () => {
    const { clock, screen, step } = narrate({ withSpinner: false });
    step("image minio", "started");
    for (let second = 1; second <= 25; second++) {
      await clock.sleep(1000);
      step("image minio", "progress", { detail: `${second}/99 RUN`, elapsedMs: second * 1000 });
    }
    expect(screen.lines).toEqual([
      "… image minio",
      "… image minio 10/99 RUN (10.0 s)",
      "… image minio 20/99 RUN (20.0 s)",
    ]);
  });

  test("nothing is said twice", async () => {
    const { clock, screen, step } = narrate({ withSpinner: false });
    step("wait", "progress", { detail: "mlflow" });
    await clock.sleep(60_000);
    step("wait", "progress", { detail: "mlflow" });
    expect(screen.lines).toEqual(["… wait mlflow"]);
  });

  test("no timer runs", () => {
    const { screen, step } = narrate({ withSpinner: false });
    step("image minio", "started");
    expect(screen.isTicking).toBe(false);
  });
});

describe("on a terminal", () => {
  test("each step at work has a line that moves, with its age", async () => {
    const { clock, screen, step } = narrate({ withSpinner: true });
    step("image minio", "started");
    step("image mlflow", "progress", { detail: "1/9 RUN", elapsedMs: 5000 });
    expect(screen.moving).toEqual(["image minio 0 ms", "image mlflow 1/9 RUN 5.0 s"]);
    await clock.sleep(2000);
    screen.tick();
    expect(screen.moving).toEqual(["image minio 2.0 s", "image mlflow 1/9 RUN 7.0 s"]);
    expect(screen.lines).toEqual([]);
  });

  test("a step that ends leaves the moving lines and becomes one that stays", () => {
    const { screen, step } = narrate({ withSpinner: true });
    step("a", "started");
    step("b", "started");
    step("a", "done");
    expect(screen.lines).toEqual(["✔ a"]);
    expect(screen.moving).toEqual(["b 0 ms"]);
  });

  test("when it stops, nothing moves and no timer runs", () => {
    const { screen, narrator, step } = narrate({ withSpinner: true });
    step("a", "started");
    expect(screen.isTicking).toBe(true);
    narrator.stop();
    expect(screen.isTicking).toBe(false);
    expect(screen.moving).toEqual([]);
  });

  test("a new step after a stop moves alone", () => {
    const { screen, narrator, step } = narrate({ withSpinner: true });
    step("a", "started");
    narrator.stop();
    step("b", "started");
    expect(screen.moving).toEqual(["b 0 ms"]);
    expect(screen.isTicking).toBe(true);
  });
});
