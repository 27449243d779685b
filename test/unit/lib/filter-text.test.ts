import { expect, test } from "vitest";
import { filterText } from "../../../src/lib/filter-text.ts";

test.each([
  ["housing", "'housing'"],
  ["it's", `"it's"`],
  ['a "b"', `'a "b"'`],
  [`' or name != "`, `''' or name != "'`],
])("%s is written as %s", (text, written) => {
  expect(filterText(text)).toBe(written);
});
