import { expect, test } from "vitest";
import { mlflowKeys } from "../../../src/stack/mlflow-settings.ts";
import { settingsFromEnv } from "../../../src/stack/setting-sources.ts";
import { parseSettings } from "../../../src/stack/spec-parse.ts";
import { settingVariables } from "../../../src/stack/variable-names.ts";
import { settingPlaces } from "../../support/setting-places.ts";

const places = settingPlaces.map(({ path, holds }) => `${path.join(".")}: ${holds}`);
const allowedIn = (text: string): readonly string[] => {
  try {
    parseSettings(text, "stack.yaml");
  } catch (error) {
    return /allowed: (.*)\./u.exec(String(error))?.[1]?.split(", ") ?? [];
  }
  return [];
};

test("the places that attacks go through are all that stack.yaml has", () => {
  expect([...new Set(settingPlaces.map(({ path }) => path[0]))]).toEqual(allowedIn("nothing: x\n"));
  const sections = ["ports", "images", "memory", "env", "airflow", "mlflow"];
  for (const section of sections) {
    const keys = settingPlaces.flatMap(({ path }) => (path[0] === section ? [path[1]] : []));
    expect(keys).toEqual(allowedIn(`${section}: { nothing: x }\n`));
  }
  expect(places).toEqual(
    expect.arrayContaining([
      "project: text",
      "versions: text",
      "versions.minio: text",
      "buckets: list",
      "env.postgres: mapping",
      ...mlflowKeys.map((key) => `mlflow.${key}: text`),
    ]),
  );
});

test("a variable that isn't among those that attacks go through is refused", () => {
  expect(settingVariables).toEqual([...new Set(settingVariables)]);
  for (const kind of ["PORT", "IMAGE", "MLFLOW"]) {
    const known = settingVariables.filter((name) => name.startsWith(`STACK_${kind}_`)).join(", ");
    expect(() => settingsFromEnv({ [`STACK_${kind}_NOTHING`]: "x" })).toThrow(`allowed: ${known}`);
  }
});
