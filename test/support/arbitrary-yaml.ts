import * as fc from "fast-check";

const values = "A x 8080 0x1F 1e999 .nan yes ~ null __proto__ constructor prototype toString".split(" ");
const marks = [
  ": ",
  ":\n  ",
  "\n",
  "\n  ",
  "\n    ",
  "\r\n",
  "- ",
  ", ",
  "? ",
  "&a ",
  "*a",
  "!!str ",
  "!!binary ",
  "!x ",
  "| \n",
  "> \n",
  "---\n",
  "<<: ",
];

/** Texts made of pieces of YAML and of these keys, so that most get past the first character; and of anything at all. */
export function arbitraryYaml(keys: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.constantFrom(...keys, ...values, ...marks, ...`[]{}'"#%@\t\r\0\uFEFF\u2028`);
  return fc.oneof(
    fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join("")),
    fc.string({ unit: "binary", maxLength: 60 }),
  );
}
