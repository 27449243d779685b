import { describe, expect, test } from "vitest";
import {
  createTimeline,
  parseHistory,
  renderHistory,
  type StartRecord,
} from "../../../src/stack/timeline.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const record: StartRecord = {
  startedAtMs: 1,
  kind: "restart",
  totalMs: 10,
  phases: [{ name: "compose", startMs: 0, endMs: 9 }],
};

describe("a timeline", () => {
  test("has what was measured and what was timed elsewhere, from the beginning on", async () => {
    const clock = createFakeClock(5000);
    const timeline = createTimeline(clock);
    await clock.sleep(100);
    await expect(timeline.measure("images", async () => await clock.sleep(200))).resolves.toBeUndefined();
    timeline.add("mlflow", 5050, 5400);
    expect(timeline.phases()).toEqual([
      { name: "mlflow", startMs: 50, endMs: 400 },
      { name: "images", startMs: 100, endMs: 300 },
    ]);
  });

  test("gives the longer of two phases that begin together first", () => {
    const timeline = createTimeline(createFakeClock());
    timeline.add("short", 0, 10);
    timeline.add("long", 0, 20);
    expect(timeline.phases().map(({ name }) => name)).toEqual(["long", "short"]);
  });

  test("tells the parts of a phase from each other", async () => {
    const clock = createFakeClock(5000);
    const timeline = createTimeline(clock);
    await timeline.measure("compose", async () => await clock.sleep(200));
    timeline.split("compose", ["create", "start"], 5150);
    expect(timeline.phases()).toEqual([
      { name: "compose", startMs: 0, endMs: 200 },
      { name: "compose/create", startMs: 0, endMs: 150 },
      { name: "compose/start", startMs: 150, endMs: 200 },
    ]);
  });

  test.each([
    [4000, 0],
    [9000, 200],
  ])("splits a phase within its bounds, though another clock says %i", async (atMs, middleMs) => {
    const clock = createFakeClock(5000);
    const timeline = createTimeline(clock);
    await timeline.measure("compose", async () => await clock.sleep(200));
    timeline.split("compose", ["create", "start"], atMs);
    expect(timeline.phases()).toContainEqual({ name: "compose/create", startMs: 0, endMs: middleMs });
  });

  test("has nothing before its beginning, though another clock says so", () => {
    const timeline = createTimeline(createFakeClock(5000));
    timeline.add("mlflow", 4900, 5100);
    expect(timeline.phases()).toEqual([{ name: "mlflow", startMs: 0, endMs: 100 }]);
  });
});

describe("the history", () => {
  test("is read as it was written", () => {
    expect(parseHistory(renderHistory([record, record]))).toEqual([record, record]);
  });

  test.each([undefined, "", "{", "{}", '[{"kind":"other"}]'])("is empty for a damaged file: %j", (text) => {
    expect(parseHistory(text)).toEqual([]);
  });

  test("keeps the last fifty starts", () => {
    const records = Array.from({ length: 60 }, (_, index) => ({ ...record, startedAtMs: index }));
    expect(parseHistory(renderHistory(records)).map(({ startedAtMs }) => startedAtMs)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 10),
    );
  });
});
