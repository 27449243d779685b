import { expect, test } from "vitest";
import { envNames } from "../../../../src/stack/user-files/env-file.ts";

test.each([
  ["A=1\nB=2", ["A", "B"]],
  ["# A=1\n\n  export B = x\r\nC:yaml\n", ["B", "C"]],
  [`KEY="-----BEGIN\nNOT=this\n-----END"\nNEXT=1`, ["KEY", "NEXT"]],
  [`A='one' # say "hi\nB="two" 'x\nC=3`, ["A", "B", "C"]],
  [`A="a \\" quote\nSTILL=a\n"\nB=1`, ["A", "B"]],
  [`A=""\nB=''\nC=`, ["A", "B", "C"]],
  ["", []],
  ["no assignment", []],
])("%j sets %j", (text, names) => {
  expect(envNames(text)).toEqual(names);
});
