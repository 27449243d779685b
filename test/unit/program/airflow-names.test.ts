import * as fc from "fast-check";
import { expect, test } from "vitest";
import { collectDags, dagAndTask, runId } from "../../../src/program/airflow-names.ts";

const bad = ["", ".", "..", "...py", "..py", ".py", "a/b", "../../x", "a b", "a\n", "a\u001B[2J", "a\\b"];

test.each([...bad, "a".repeat(251), "\uD800"])("no DAG is named %j", (name) => {
  expect(() => collectDags(name, [])).toThrow("not . or .. alone");
});

test.each(["my_dag", "my_dag.py", "a.b-c", "...", "größe", "数据", "a".repeat(250), "--privileged"])(
  "a DAG may be named %j",
  (name) => {
    expect(collectDags(name, ["first"])).toEqual(["first", name]);
  },
);

test("a task is named with its DAG, and a copy by its number", () => {
  expect(dagAndTask(["etl", "group.load[12]"])).toEqual(["etl", "group.load[12]"]);
});

test.each([
  [["etl"], "Give --task a DAG and one of its tasks"],
  [["etl", "load", "mlflow"], "Give --task a DAG and one of its tasks"],
  [["..", "load"], "--task was given '..'"],
  [["etl", "../load"], "--task was given '../load'"],
  [["etl", "[3]"], "--task was given ''"],
  [["etl", "..[3]"], "--task was given '..'"],
])("%j names no task", (given, message) => {
  expect(() => dagAndTask(given)).toThrow(message);
});

test("a run has an id that stays in its place", () => {
  const id = "manual__2026-01-31T08:00:00.000001+00:00";
  expect(runId(id)).toBe(id);
  for (const one of ["", ".", "..", "a/b", "a\\b", "a\nb"]) expect(() => runId(one)).toThrow("id of a run");
});

test("whatever name is taken stays one part of a path and of a URL", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(".", "/", "p", "y", "%", "\\", "é") }),
  );
  fc.assert(
    fc.property(text, (name) => {
      const taken = isTaken(name) ? name.replace(/\.py$/u, "") : "plain";
      const path = `/api/v2/dags/${encodeURIComponent(taken)}`;
      expect(new URL(path, "http://localhost").pathname).toBe(path);
      expect(taken).not.toMatch(/[/\\]/u);
    }),
  );
});

function isTaken(name: string): boolean {
  try {
    collectDags(name, undefined);
    return true;
  } catch {
    return false;
  }
}
