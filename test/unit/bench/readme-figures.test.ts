import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "../../support/run.ts";

interface Quoted {
  readonly title: string;
  readonly figures: readonly string[];
}

const read = async (path: string): Promise<string> => await readFile(join(repository, path), "utf8");

/** Cells of the table rows of a text, without the line below the head. */
function cellsOf(text: string): readonly (readonly string[])[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^[|\s-]+$/u.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** The part of a page under one heading, which has to be there. */
function section(text: string, heading: string): string {
  const [, after] = text.split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`the page has no heading "${heading}"`);
  return after.split("\n## ")[0] ?? "";
}

function quotedRows(readme: string): readonly Quoted[] {
  const [, ...rows] = cellsOf(section(readme, "## How fast"));
  return rows.map(([title = "", ...figures]) => ({ title, figures }));
}

function measuredRows(results: string): readonly Quoted[] {
  const [, ...rows] = cellsOf(results.split("\n## ")[0] ?? "");
  return rows.map(([title = "", stack = "", diy = ""]) => ({ title, figures: [stack, diy] }));
}

/** Whether a figure, "6.6 s", is what "6.64 s (6.27-7.19, n=5)" is when rounded so. */
function isRounded(quoted: string, measured: string): boolean {
  const form = /^(\d+(?:\.(\d+))?) (\S+)/u;
  const [, short, decimals = "", unit] = form.exec(quoted) ?? [];
  const [, long, , sameUnit] = form.exec(measured) ?? [];
  if (short === undefined || long === undefined || unit !== sameUnit) return false;
  const half = 0.5 * 10 ** -decimals.length;
  return Math.abs(Number(short) - Number(long)) <= half + 1e-9;
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length += 1;
  return length;
}

/** Rows of the README that no row of the results bears out: its titles are the others', shortened at the end. */
function unfounded(readme: string, results: string): readonly string[] {
  const measured = measuredRows(results);
  return quotedRows(readme)
    .filter(({ title, figures }) => {
      const closest = Math.max(...measured.map((row) => sharedLength(title, row.title)));
      const meant = measured.filter((row) => closest > 0 && sharedLength(title, row.title) === closest);
      return !meant.some((row) =>
        figures.every((figure, column) => isRounded(figure, row.figures[column] ?? "")),
      );
    })
    .map(({ title, figures }) => [title, ...figures].join(" | "));
}

const numbers = "zero one two three four five six seven eight nine ten".split(" ");

/** In figures or, up to ten, as a word; throws when there is none, so that two pages cannot agree on that. */
function numberIn(text: string, pattern: RegExp): number {
  const [, word = ""] = pattern.exec(text) ?? [];
  const number = numbers.includes(word) ? numbers.indexOf(word) : Number(word || "none");
  if (Number.isNaN(number)) throw new Error(`no number is where ${String(pattern)} looks for it`);
  return number;
}

test("each figure of the README's table is in the results", async () => {
  const readme = await read("README.md");
  expect(quotedRows(readme).length).toBeGreaterThan(0);
  expect(unfounded(readme, await read("bench/RESULTS.md"))).toEqual([]);
});

test("the README's sentence has the rounds and the cores of the results", async () => {
  const said = section(await read("README.md"), "## How fast");
  const results = await read("bench/RESULTS.md");
  expect(numberIn(said, /medians of (\w+)/u)).toBe(numberIn(results, /Medians of (\w+) round/u));
  expect(numberIn(said, /(\w+) cores/u)).toBe(numberIn(results, /(\w+) cores/u));
});

test.each([
  { text: "medians of five rounds", number: 5 },
  { text: "medians of 12 rounds", number: 12 },
])("$text is read as $number", ({ text, number }) => {
  expect(numberIn(text, /medians of (\w+)/u)).toBe(number);
});

test.each(["medians of many rounds", "means of five rounds"])("%s is refused", (text) => {
  expect(() => numberIn(text, /medians of (\w+)/u)).toThrow("no number is where");
});

const readmeTold = `# A page

## How fast

| | \`stack\` | by hand |
|---|---|---|
| start on old data, healthy | 6.6 s | 235 s |
| memory at rest | 1.1 GiB | 3.3 GiB |

## More

| other | tables | here |
`;
const resultsTold = `# Results

| measure | stack | by hand | ratio |
| --- | --- | --- | --- |
| start on old volumes | 6.64 s (6.27-7.19, n=5) | 234.70 s (n=1) | 0.03 |
| start on no volumes | 9.64 s (6.27-7.19, n=5) | 48.00 s (n=5) | 0.20 |
| memory at rest of all containers | 1.13 GiB (n=5) | 3.34 GiB (n=5) | 0.34 |

## More

| start on old data, healthy | 7.7 s | 235 s |
`;

test("figures that agree are founded", () => {
  expect(unfounded(readmeTold, resultsTold)).toEqual([]);
});

test.each([
  { what: "a figure of the stack in the README", page: "readme", from: "6.6 s", to: "6.5 s" },
  { what: "a figure by hand in the README", page: "readme", from: "235 s", to: "236 s" },
  { what: "a unit in the README", page: "readme", from: "6.6 s", to: "6.6 ms" },
  { what: "a figure in the README to one that another section has", page: "readme", from: "6.6", to: "7.7" },
  { what: "a figure in the README to one of another measure", page: "readme", from: "6.6 s", to: "9.6 s" },
  { what: "a figure in the README to none", page: "readme", from: "6.6 s", to: "fast" },
  { what: "a figure of the stack in the results", page: "results", from: "6.64 s", to: "6.66 s" },
  { what: "a figure by hand in the results", page: "results", from: "234.70 s", to: "234.40 s" },
  { what: "a figure in the results to none", page: "results", from: "6.64 s (6.27-7.19, n=5)", to: "none" },
] as const)("$what that is edited alone is noticed", ({ page, from, to }) => {
  const readme = page === "readme" ? readmeTold.replace(from, to) : readmeTold;
  const results = page === "results" ? resultsTold.replace(from, to) : resultsTold;
  expect(unfounded(readme, results)).toEqual([expect.stringMatching(/^start on old data, healthy \| /u)]);
});
