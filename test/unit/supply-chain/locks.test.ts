import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "../../support/run.ts";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");
const found = (pattern: string): readonly string[] => globSync(pattern, { cwd: repository }).toSorted();
const locks = [...found("compose/images/*/*.lock"), ...found("{supply-chain,test/support/*}/*.lock")];
const recipes = [...found("compose/images/*/Dockerfile"), ...found("test/support/*/Dockerfile")];

test("there are locks and recipes to look at", () => {
  expect(locks.length).toBeGreaterThanOrEqual(10);
  expect(recipes.length).toBeGreaterThanOrEqual(8);
});

test.each(locks)("%s pins every requirement to the hashes of its files", (file) => {
  const text = read(file).replaceAll(/^\s*#.*\n/gmu, "");
  const requirements = text
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line !== "");
  expect(requirements).not.toEqual([]);
  for (const line of requirements)
    expect(line).toMatch(/^[\w.-]+(?:\[[\w,-]+\])?==\S+(?: ; .+?)? +(?:--hash=sha256:[0-9a-f]{64} *)+$/u);
});

test.each(recipes)("%s installs nothing of Python without them", (file) => {
  const steps = read(file).replaceAll("\\\n", " ");
  const installs = steps.match(/\bpip install\b[^&|;]*/gu) ?? [];
  for (const install of installs) expect(install).toContain("--require-hashes");
});

test("package-lock.json pins every package to its contents", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as {
    packages: Record<string, { integrity?: string }>;
  };
  const { "": _, ...others } = packages;
  for (const [path, { integrity }] of Object.entries(others)) expect(integrity, path).toMatch(/^sha512-/u);
});
