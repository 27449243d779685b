import { expect, test } from "vitest";
import { pageText, type ResultsPage } from "../../../bench/support/results-page.ts";
import { scalingRows, type Size } from "../../../bench/support/scaling-table.ts";

const page: ResultsPage = {
  machine: ["machine: a small one"],
  rounds: 5,
  once: [],
  rows: [["measure", "stack"]],
  notes: [],
  scaling: undefined,
  logins: undefined,
};
const one: Size = {
  label: "1 DAG file(s)",
  startS: [6, 7, 6.5],
  knownS: 0.25,
  memoryGib: [1, 1.5, 1.25],
  cpuPercent: [8, 9, 8.5],
};
const many: Size = {
  ...one,
  label: "50 DAG file(s)",
  startS: [6.25],
  memoryGib: [1.5],
  cpuPercent: [30, 10, 20],
};

test("each size has its totals, and what it adds to the first", () => {
  expect(scalingRows([[one, many]]).slice(1)).toEqual([
    [
      "1 DAG file(s)",
      "6.50 s (6.00-7.00, n=3)",
      "",
      "0.25 s (n=1)",
      "1.25 GiB (1.00-1.50, n=3)",
      "",
      "8.5 % of a core (8.0-9.0, n=3)",
      "",
    ],
    [
      "50 DAG file(s)",
      "6.25 s (n=1)",
      "-0.25 s",
      "0.25 s (n=1)",
      "1.50 GiB (n=1)",
      "+0.25 GiB",
      "20.0 % of a core (10.0-30.0, n=3)",
      "+11.5 % of a core",
    ],
  ]);
});

test("a second series is compared with its own first size", () => {
  const [, , , stack, stacks] = scalingRows([
    [one, many],
    [
      { label: "1 stack(s)", startS: [10], memoryGib: [1], cpuPercent: [10] },
      { label: "3 stack(s)", startS: [30], memoryGib: [3], cpuPercent: [30] },
    ],
  ]);
  expect([stack?.[2], stack?.[3]]).toEqual(["", ""]);
  expect([stacks?.[2], stacks?.[5], stacks?.[7]]).toEqual(["+20.00 s", "+2.00 GiB", "+20.0 % of a core"]);
});

test("every row has a cell for each column", () => {
  const [head = [], ...rows] = scalingRows([[one, many], [many]]);
  expect(rows.map((row) => row.length)).toEqual(rows.map(() => head.length));
});

test("the page says what is no median, where there is such a thing", () => {
  expect(pageText({ ...page, once: ["a new file, by hand"] })).toContain(
    "\nNot a median, but waited for once, in the first round: a new file, by hand.\n",
  );
  expect(pageText(page)).not.toContain("Not a median");
});

test.each([
  ["scaling", "How cost grows"],
  ["logins", "What MLflow's logins cost"],
] as const)("the page has the table of --%s when it was measured", (option, title) => {
  const measured = pageText({ ...page, [option]: [["size"], ["1"]] });
  expect(measured).toContain(`## ${title}\n`);
  expect(measured).toContain("| size |\n| --- |\n| 1 |");
  expect(pageText(page)).not.toContain(title);
});
