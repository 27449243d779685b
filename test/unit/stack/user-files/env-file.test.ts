import { expect, test } from "vitest";
import { parseEnv } from "../../../../src/stack/user-files/env-file.ts";

test.each([
  ["A=1\nB=2", { A: "1", B: "2" }],
  ["# A=1\n\n  export B = x\r\nC:yaml # why\n", { B: "x", C: "yaml" }],
  [`KEY="-----BEGIN\nNOT=this\n-----END"\nNEXT=1`, { KEY: "-----BEGIN\nNOT=this\n-----END", NEXT: "1" }],
  [`A='one' # say "hi\nB="two" 'x\nC=3`, { A: "one", B: "two", C: "3" }],
  [`A="a \\" quote\nSTILL=a\n"\nB=1`, { A: 'a " quote\nSTILL=a\n', B: "1" }],
  [`A=""\nB=''\nC=`, { A: "", B: "", C: "" }],
  [`A={"conn_type": "http"}`, { A: '{"conn_type": "http"}' }],
  [`A="never closed\nB=1`, {}],
  ["", {}],
  ["no assignment", {}],
])("%j sets %j", (text, values) => {
  expect(Object.fromEntries(parseEnv(text))).toEqual(values);
});
