import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quoteEnvValue, unquoteEnvValue } from "../../../src/lib/env-file.ts";

describe("a value for an env file", () => {
  test.each([
    ["abc-1_2=", "abc-1_2="],
    ["", ""],
    ["a b#c", "'a b#c'"],
    ['a$b"c\\d', `'a$b"c\\d'`],
    [`it's $HOME "q" \\`, `"it's \\$HOME \\"q\\" \\\\"`],
  ])("%j is written %j", (value, written) => {
    expect(quoteEnvValue(value)).toBe(written);
  });

  test("is read again as it was", () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/[\r\n\0]/u.test(text)),
        (value) => {
          expect(unquoteEnvValue(quoteEnvValue(value))).toBe(value);
        },
      ),
    );
  });

  test.each(["'a", "a b", `"a$b"`, `"a\\nb"`, "'a'b'"])("%j is none", (text) => {
    expect(unquoteEnvValue(text)).toBeUndefined();
  });
});
