import * as fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryYaml } from "../../support/arbitrary-yaml.ts";
import { settingPlaces } from "../../support/setting-places.ts";
import { StackError } from "../../../src/lib/errors.ts";
import { resolveSpec, type SpecSources } from "../../../src/stack/resolve-spec.ts";
import { imageNames, portNames, type StackSpec } from "../../../src/stack/spec.ts";
import { settingVariables } from "../../../src/stack/variable-names.ts";
import { bundledVersions } from "../../../src/stack/versions.ts";

const sources: SpecSources = {
  defaultProject: "folder-1234",
  fileName: "stack.yaml",
  fileText: undefined,
  env: {},
  flags: {},
};

/** Every JSON text is one of YAML's. */
const asYaml = (value: unknown): string => JSON.stringify(value);

const inFile = /stack\.yaml:\d+:\d+: |ports\.\w+ and ports\./u;

/** What is wrong with the outcome: an invalid spec, a refusal without a place, or anything thrown but CONFIG_INVALID. */
function faultOf(work: () => StackSpec, place: RegExp): string {
  let spec;
  try {
    spec = work();
  } catch (error) {
    if (!(error instanceof StackError) || error.code !== "CONFIG_INVALID") throw error;
    return place.test(error.message) ? "" : error.message;
  }
  expectValid(spec);
  return "";
}

function expectValid(spec: StackSpec): void {
  expect(spec.project).toMatch(/^[a-z0-9][a-z0-9_-]{0,39}$/u);
  expect(spec.bucket).toMatch(/^[a-z0-9][a-z0-9-]+[a-z0-9]$/u);
  expect(spec.host).toBe("127.0.0.1");
  const ports = portNames.map((name) => spec.ports[name]);
  expect(ports.every((port) => Number.isInteger(port) && port >= 1 && port <= 65_535)).toBe(true);
  expect(new Set(ports).size).toBe(ports.length);
  for (const name of imageNames) {
    expect(bundledVersions[name]).toContain(spec.versions[name]);
    for (const [variable, value] of Object.entries(spec.env[name])) {
      expect(variable).toMatch(/^[A-Za-z_]\w*$/u);
      expect(typeof value).toBe("string");
    }
  }
}

const sections = [...new Set(settingPlaces.flatMap(({ path: [first = ""] }) => first))];
const innerKeys = [...new Set(settingPlaces.flatMap(({ path: [, ...inner] }) => inner))];

const yamlText = arbitraryYaml([...sections, ...innerKeys]);

const scalar = fc.oneof(
  fc.constantFrom("housing", "a-b", "3.3.2", "apache/airflow:3", "", "$HOME", "8080", null, true),
  fc.integer({ min: -5, max: 70_000 }),
  fc.double(),
  fc.string(),
);
const key = fc.oneof(fc.constantFrom(...innerKeys), fc.string({ maxLength: 5 }));
const section = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 2 }),
  fc.dictionary(
    key,
    fc.oneof({ weight: 4, arbitrary: scalar }, { weight: 1, arbitrary: fc.dictionary(key, scalar) }),
    {
      maxKeys: 3,
    },
  ),
);
const settings = fc.record(Object.fromEntries(sections.map((one) => [one, section])), { requiredKeys: [] });

const port = fc.integer({ min: 1, max: 65_535 });
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,20}[a-z0-9]$/u);
const goodSettings = fc.record(
  {
    project: name,
    bucket: name,
    ports: fc.record({ airflow: port, mlflow: port, s3: port, console: port }, { requiredKeys: [] }),
    env: fc.dictionary(
      fc.constantFrom(...imageNames),
      fc.dictionary(
        fc.stringMatching(/^[A-Z][A-Z_]{0,8}$/u),
        fc.oneof(
          fc.string().filter((text) => !text.includes("\0")),
          fc.integer(),
          fc.boolean(),
        ),
      ),
    ),
    airflow: fc.record(
      { parallelism: fc.integer({ min: 1, max: 64 }), load_examples: fc.boolean() },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

test("any text for stack.yaml gives a valid spec or CONFIG_INVALID with a place", () => {
  fc.assert(
    fc.property(yamlText, (fileText) => {
      expect(faultOf(() => resolveSpec({ ...sources, fileText }).spec, inFile)).toBe("");
    }),
    { numRuns: 1200 },
  );
});

test("any values in stack.yaml give a valid spec or CONFIG_INVALID with a place", () => {
  fc.assert(
    fc.property(settings, (value) => {
      expect(faultOf(() => resolveSpec({ ...sources, fileText: asYaml(value) }).spec, inFile)).toBe("");
    }),
    { numRuns: 600 },
  );
});

test("any environment and flags give a valid spec or CONFIG_INVALID with a place", () => {
  const text = fc.oneof(fc.constantFrom("a", "8080", "airflow=1", "mlflow=x:1", "s3=9000", "="), fc.string());
  const variable = fc.constantFrom(...settingVariables, "STACK_MLFLOW_NOTHING", "STACK_PROJET");
  const flags = fc.record(
    {
      project: text,
      bucket: text,
      port: fc.array(text, { maxLength: 3 }),
      image: fc.array(text, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.dictionary(variable, text), flags, (env, given) => {
      expect(
        faultOf(
          () => resolveSpec({ ...sources, env, flags: given }).spec,
          /STACK_[A-Z]|--[a-z]|ports\.|mlflow\./u,
        ),
      ).toBe("");
    }),
    { numRuns: 400 },
  );
});

test("good settings are never refused, but for two services on one port", () => {
  fc.assert(
    fc.property(goodSettings, (value) => {
      const ports = Object.values({ airflow: 8080, mlflow: 5000, s3: 9000, console: 9001, ...value.ports });
      fc.pre(new Set(ports).size === ports.length);
      expectValid(resolveSpec({ ...sources, fileText: asYaml(value) }).spec);
    }),
    { numRuns: 60 },
  );
});
