import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderSecretEntries } from "../../../../src/output/text/secrets.ts";

test("one secret is its bare value, for a command substitution", () => {
  expect(renderSecretEntries([{ name: "JWT_SECRET", use: "key", value: "abc" }], createPaint(true))).toBe(
    "abc",
  );
});

test("the list has names and uses, no values, and how to see one", () => {
  const entries = [
    { name: "JWT_SECRET", use: "key for tokens" },
    { name: "API_SECRET", use: "key for sessions" },
  ];
  expect(renderSecretEntries(entries, createPaint(false))).toBe(
    "JWT_SECRET  key for tokens\nAPI_SECRET  key for sessions\n\nShow one with `stack secrets NAME`.",
  );
});
