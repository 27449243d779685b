import { describe, expect, test } from "vitest";
import { createPaint } from "../../../src/output/colors.ts";
import { formatAge, formatBytes, formatDuration, formatTable } from "../../../src/output/format.ts";

test.each([
  [0, "0 ms"],
  [812.4, "812 ms"],
  [1000, "1.0 s"],
  [12_345, "12.3 s"],
  [999.4, "999 ms"],
  [999.6, "1.0 s"],
  [59_940, "59.9 s"],
  [59_990, "1 min 0 s"],
  [60_000, "1 min 0 s"],
  [245_900, "4 min 5 s"],
  [7_200_000, "120 min 0 s"],
])("a duration of %f ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1_468_006, "1.4 MiB"],
  [24 * 1024 ** 3, "24.0 GiB"],
  [5000 * 1024 ** 4, "5000.0 TiB"],
])("%i bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

const nowMs = Date.UTC(2026, 0, 10);
test.each([
  [0, "0 s"],
  [42, "42 s"],
  [59, "59 s"],
  [60, "1 min"],
  [3599, "59 min"],
  [3600, "1 h"],
  [86_399, "23 h"],
  [200_000, "2 d"],
  [-5, "0 s"],
])("what happened %i s ago has the age %s", (seconds, text) => {
  expect(formatAge(new Date(nowMs - seconds * 1000).toISOString(), nowMs)).toBe(text);
});

describe("a table", () => {
  test("has columns of equal width and no space at the ends of lines", () => {
    expect(
      formatTable([
        ["a", "long cell", "x"],
        ["longer", "b"],
        ["", "", "y"],
      ]),
    ).toBe(["a       long cell  x", "longer  b", "                   y"].join("\n"));
  });

  test("doesn't count colours as width", () => {
    const { red } = createPaint(true);
    const colored = formatTable([
      [red("a"), "x"],
      ["bc", "y"],
    ]);
    expect(colored).not.toBe(
      formatTable([
        ["a", "x"],
        ["bc", "y"],
      ]),
    );
    expect(colored.replaceAll(red("a"), "a")).toBe(
      formatTable([
        ["a", "x"],
        ["bc", "y"],
      ]),
    );
  });

  test("without rows is empty", () => {
    expect(formatTable([])).toBe("");
  });
});

test("colours are there only when they are wanted", () => {
  expect(Object.values(createPaint(false)).map((paint) => paint("text"))).toEqual(
    Array.from({ length: 8 }, () => "text"),
  );
  expect(new Set(Object.values(createPaint(true)).map((paint) => paint("text"))).size).toBe(8);
});
