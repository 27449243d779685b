import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderRotation, renderSecretEntries } from "../../../../src/output/text/secrets.ts";

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

test("replaced secrets are said to be so, and none is shown", () => {
  const text = renderRotation(
    {
      project: "housing",
      changed: true,
      composeFile: ".stack/compose.yaml",
      builtImages: [],
      services: [],
      probes: [],
      endpoints: { airflow: "http://a", mlflow: "http://m", console: "http://c", s3: "http://s" },
      movedPorts: [],
      mlflowUser: undefined,
      proof: { verifiedMs: 4321, runId: "r1", bytes: 4096, checksum: "0123456789abcdef".repeat(4) },
      elapsedMs: 1000,
    },
    createPaint(false),
  );
  expect(text.split("\n").slice(0, 2)).toEqual([
    "Every password and key of the stack housing is new; the old ones open nothing any more.",
    "The stack housing is up after 1.0 s: 0 services healthy.",
  ]);
  expect(text).toContain("\npipeline verified in 4.3 s\n");
});
