import { describe, expect, test } from "vitest";
import type { ContainerEvent } from "../../../src/stack/engine-streams.ts";
import { createIncidents } from "../../../src/stack/incidents.ts";

type Change = Partial<ContainerEvent> & Pick<ContainerEvent, "kind">;

const event = (change: Change): ContainerEvent => ({
  containerId: "c1",
  service: "mlflow",
  at: "2026-01-02T00:00:00.000Z",
  exitCode: undefined,
  signal: undefined,
  ...change,
});

function after(...changes: readonly Change[]) {
  const incidents = createIncidents();
  for (const change of changes) incidents.note(event(change));
  return incidents;
}

describe("a container died by itself", () => {
  test.each<[string, readonly Change[], boolean]>([
    ["after nothing", [], false],
    ["when it only died", [{ kind: "died" }], true],
    ["when it was killed by force alone", [{ kind: "signalled", signal: 9 }, { kind: "died" }], true],
    ["not when it was asked to stop", [{ kind: "signalled", signal: 15 }, { kind: "died" }], false],
    [
      "not when force followed the asking",
      [{ kind: "signalled", signal: 2 }, { kind: "signalled", signal: 9 }, { kind: "died" }],
      false,
    ],
    [
      "when it was asked in an earlier life only",
      [{ kind: "signalled", signal: 15 }, { kind: "died" }, { kind: "started" }, { kind: "died" }],
      true,
    ],
    ["not when another did", [{ kind: "died", containerId: "c2" }], false],
  ])("%s", (_name, changes, expected) => {
    expect(after(...changes).diedByItself("c1")).toBe(expected);
  });
});

test("a container's history counts what happened to it alone", () => {
  const incidents = after(
    { kind: "died" },
    { kind: "started" },
    { kind: "signalled", signal: 9 },
    { kind: "out-of-memory" },
    { kind: "died" },
    { kind: "died", containerId: "c2" },
  );
  expect(incidents.historyOf("c1")).toEqual({ deaths: 2, wasOutOfMemory: true, signal: 9 });
  expect(incidents.historyOf("c3")).toEqual({ deaths: 0, wasOutOfMemory: false, signal: undefined });
});

test("a memory limit that was reached is told once in a container's life", () => {
  const incidents = createIncidents();
  const tellOf = (change: Change) => incidents.note(event(change)) !== undefined;
  expect(tellOf({ kind: "died" })).toBe(false);
  expect(tellOf({ kind: "out-of-memory" })).toBe(true);
  expect(tellOf({ kind: "out-of-memory" })).toBe(false);
  expect(tellOf({ kind: "out-of-memory", containerId: "c2" })).toBe(true);
  expect(tellOf({ kind: "started" })).toBe(false);
  expect(tellOf({ kind: "out-of-memory" })).toBe(true);
});
