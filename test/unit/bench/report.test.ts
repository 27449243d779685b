import { expect, test } from "vitest";
import { absolute, both, ratio, type Measure } from "../../../bench/measures/measure.ts";
import {
  figureText,
  missedTargets,
  noteLines,
  onceLines,
  resultRows,
} from "../../../bench/support/report.ts";
import { createResults, median, type Results } from "../../../bench/support/results.ts";

const measure = (change: Partial<Measure>): Measure => ({
  name: "start",
  title: "start",
  unit: "s",
  target: absolute(5),
  layouts: both,
  run: () => Promise.reject(new Error("no test runs it")),
  ...change,
});

/** One round for each figure. */
function resultsOf(
  of: Measure,
  { stack = [], diy = [] }: Partial<Record<"stack" | "diy", readonly number[]>>,
): Results {
  const results = createResults();
  for (const value of stack) results.add(of, "stack", { values: [value] });
  for (const value of diy) results.add(of, "diy", { values: [value] });
  return results;
}

test.each([
  { values: [3, 1, 2], middle: 2 },
  { values: [10, 9, 100], middle: 10 },
  { values: [4, 1, 3, 2], middle: 2.5 },
  { values: [7], middle: 7 },
  { values: [], middle: Number.NaN },
])("the median of $values is $middle", ({ values, middle }) => {
  expect(median(values)).toBe(middle);
});

test("a round that repeats a measure counts once, with its own median", () => {
  const start = measure({});
  const results = createResults();
  results.add(start, "stack", { values: [1, 2, 9] });
  results.add(start, "stack", { values: [4] });
  expect(results.values(start, "stack")).toEqual([2, 4]);
});

test.each([
  { what: "over an absolute target", target: absolute(5), stack: [5.01], diy: [60], met: "no" },
  { what: "exactly at an absolute target", target: absolute(5), stack: [5], diy: [60], met: "yes" },
  { what: "over a ratio", target: ratio(0.25), stack: [2.51], diy: [10], met: "no" },
  { what: "exactly at a ratio", target: ratio(0.25), stack: [2.5], diy: [10], met: "yes" },
  { what: "slow once, fast by its median", target: absolute(5), stack: [4, 90, 4.5], diy: [], met: "yes" },
  { what: "fast once, slow by its median", target: absolute(5), stack: [6, 1, 7], diy: [], met: "no" },
  { what: "a ratio to nothing", target: ratio(0.25), stack: [2], diy: [], met: "?" },
  { what: "not measured", target: absolute(5), stack: [], diy: [10], met: "?" },
])("a measure that is $what has met: $met", ({ target, stack, diy, met }) => {
  const start = measure({ target });
  const results = resultsOf(start, { stack, diy });
  expect(resultRows([start], results)[1]?.at(-1)).toBe(met);
  expect(missedTargets([start], results)).toEqual(met === "yes" ? [] : ["start"]);
});

test("only the measures that miss are named", () => {
  const fast = measure({ name: "fast", title: "the fast one" });
  const slow = measure({ name: "slow", title: "the slow one" });
  const results = createResults();
  results.add(fast, "stack", { values: [1] });
  results.add(slow, "stack", { values: [6] });
  expect(missedTargets([fast, slow], results)).toEqual(["the slow one"]);
});

test("a row has both layouts' figures, their ratio and the target", () => {
  const start = measure({ target: ratio(0.2) });
  expect(resultRows([start], resultsOf(start, { stack: [2, 1, 3], diy: [10] }))[1]).toEqual([
    "start",
    "2.00 s (1.00-3.00, n=3)",
    "10.00 s (n=1)",
    "0.20",
    "ratio ≤ 0.2",
    "yes",
  ]);
});

test("a measure of the stack alone has no figure by hand", () => {
  const status = measure({ layouts: ["stack"] });
  expect(resultRows([status], resultsOf(status, { stack: [1] }))[1]).toEqual([
    "start",
    "1.00 s (n=1)",
    "",
    "",
    "≤ 5 s",
    "yes",
  ]);
});

test.each([
  { values: [10.66, 9], unit: "% of a core", text: "9.8 % of a core (9.0-10.7, n=2)" },
  { values: [1.125], unit: "GiB", text: "1.13 GiB (n=1)" },
  { values: [], unit: "s", text: "none" },
] as const)("figures are shown as $text", ({ values, unit, text }) => {
  expect(figureText(values, unit)).toBe(text);
});

test("what was measured in one round alone is named, with its layout", () => {
  const file = measure({ title: "a new file", onceIn: "diy" });
  expect(onceLines([measure({}), file])).toEqual(["a new file, by hand"]);
});

test("a note is there once, whichever rounds had it, and so is the reason of a failure", () => {
  const start = measure({});
  const results = createResults();
  results.add(start, "stack", { values: [1], note: "seen" });
  results.add(start, "stack", { values: [1], note: "seen" });
  results.fail(start, "diy", new Error("no answer\nwith more below"));
  expect(noteLines([start], results)).toEqual(["start, stack: seen", "start, by hand: failed: no answer"]);
});
