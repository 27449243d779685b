import { describe, expect, test } from "vitest";
import { createPaint } from "../../../src/output/colors.ts";
import { visible, visibleJson } from "../../../src/output/visible.ts";

const codes = Array.from({ length: 0xa0 }, (_, code) => code);
const controls = codes
  .filter((code) => (code < 0x20 || code >= 0x7f) && code !== 0x09 && code !== 0x0a)
  .map((code) => String.fromCodePoint(code));

test.each(["none", "own", "all"] as const)("with colours %s no control character is left", (colors) => {
  for (const control of controls) expect(visible(`a${control}b`, colors)).toMatch(/^a\\x[0-9a-f]{2}b$/u);
});

test.each([
  ["line breaks and tabs stay", "a\n\tb", "a\n\tb"],
  ["letters and signs of any script stay", "Wohnung ✔ 住宅 →", "Wohnung ✔ 住宅 →"],
  ["a title for the window", "\u001B]0;mine\u0007", String.raw`\x1b]0;mine\x07`],
  ["a cleared screen", "\u001B[2J\u009B2J", String.raw`\x1b[2J\x9b2J`],
  ["an overwritten line", "failed\rdone", String.raw`failed\x0ddone`],
  ["an end of line as on Windows", "a\r\nb\r", "a\nb"],
  ["another order of letters", "a\u202Eb\u2066c", String.raw`a\u202eb\u2066c`],
  ["hidden text", "a\u001B[8mb\u001B[0m", "ab"],
])("%s", (_, text, shown) => {
  expect(visible(text, "own")).toBe(shown);
});

describe("colours", () => {
  const paint = createPaint(true);
  const own = Object.values(paint)
    .map((color) => color("x"))
    .join("");

  test("of our own stay when they are wanted", () => {
    expect(visible(own, "own")).toBe(own);
    expect(visible(own, "none")).toBe("x".repeat(Object.keys(paint).length));
  });

  test("of a log stay when all are wanted", () => {
    expect(visible("\u001B[38;5;208ma\u001B[m\r", "all")).toBe("\u001B[38;5;208ma\u001B[m");
  });
});

test("JSON keeps its value and loses its power", () => {
  const value = { text: controls.join("") + "\u202E\n" };
  const json = visibleJson(JSON.stringify(value));
  expect(json).toMatch(/^[\u0020-\u007E]+$/u);
  expect(JSON.parse(json)).toEqual(value);
});
