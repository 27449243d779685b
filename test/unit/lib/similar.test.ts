import { expect, test } from "vitest";
import { similarTo } from "../../../src/lib/similar.ts";

const known = ["STACK_PROJECT", "STACK_BUCKET"];

test.each([
  ["STACK_PROJET", "STACK_PROJECT"],
  ["STACK_PROJECTS", "STACK_PROJECT"],
  ["STACK_PORJECT", "STACK_PROJECT"],
  ["SATCK_BUCKET", "STACK_BUCKET"],
  ["STACK_PROJECT", undefined],
  ["STACK_ROOT", undefined],
  ["", undefined],
])("%j may be meant for %j", (name, meant) => {
  expect(similarTo(name, known)).toBe(meant);
});
