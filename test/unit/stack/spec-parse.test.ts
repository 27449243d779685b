import { describe, expect, test } from "vitest";
import { parseSettings } from "../../../src/stack/spec-parse.ts";

const parse = (text: string) => parseSettings(text, "stack.yaml");

const topKeys = "project, ports, versions, bucket, buckets, images, memory, env, airflow, mlflow";
const projectRule =
  "lower-case letters, digits, - and _, starting with a letter or digit, at most 40 characters";
const bucketRule = "3 to 63 lower-case letters, digits and -, starting and ending with a letter or digit";
const portRule = "a port number from 1 to 65535";
const imageRule = "an image reference such as apache/airflow:3.3.2";
const envRule = "a string, a number or a boolean; write lists and mappings as a JSON string";

describe("a file with nothing in it", () => {
  test.each([[""], ["\n\n"], ["# only a comment\n"], ["---\n"], ["null\n"], ["{}"], ["\uFEFF"]])(
    "has no settings: %j",
    (text) => {
      expect(parse(text)).toEqual({});
    },
  );
});

test("every setting is read", () => {
  const text = `
project: housing
ports: { airflow: 18080, mlflow: 15000, s3: 19000, console: 19001 }
versions: { airflow: "3.3.2", mlflow: "3.17.2", postgres: "17", minio: "2026-02-12" }
bucket: artifacts
buckets: [data, results]
images: { airflow: "apache/airflow:3.3.2", minio: "registry.example:5000/minio@sha256:${"a1".repeat(32)}" }
env:
  airflow: { AIRFLOW__CORE__DEFAULT_TIMEZONE: Europe/Berlin, RETRIES: 3, DEBUG: true }
airflow: { parallelism: 8, load_examples: true, provider_compat: false }
`;
  expect(parse(text)).toEqual({
    project: "housing",
    ports: { airflow: 18_080, mlflow: 15_000, s3: 19_000, console: 19_001 },
    versions: { airflow: "3.3.2", mlflow: "3.17.2", postgres: "17", minio: "2026-02-12" },
    bucket: "artifacts",
    buckets: ["data", "results"],
    images: {
      airflow: "apache/airflow:3.3.2",
      minio: `registry.example:5000/minio@sha256:${"a1".repeat(32)}`,
    },
    env: { airflow: { AIRFLOW__CORE__DEFAULT_TIMEZONE: "Europe/Berlin", RETRIES: "3", DEBUG: "true" } },
    airflow: { parallelism: 8, load_examples: true, provider_compat: false },
  });
});

test("versions may be a line of them", () => {
  expect(parse("versions: classic\n")).toEqual({ versions: "classic" });
});

test("an alias is as good as what it stands for", () => {
  expect(parse("project: &name housing\nbucket: *name\n")).toEqual({ project: "housing", bucket: "housing" });
});

test.each(["constructor", "prototype", "__proto__"])(
  "a variable %s, which the validator would leave out, is refused",
  (name) => {
    expect(() => parse(`env:\n  mlflow:\n    ${name}: a\n`)).toThrow(
      `stack.yaml:3:5: env.mlflow.${name}: found "${name}"; allowed: variable names other than __proto__`,
    );
  },
);

test.each(["a/../../containers", "a//b", "a/.b"])("an image %s is refused", (image) => {
  expect(() => parse(`images: { minio: ${image} }`)).toThrow(`allowed: ${imageRule}`);
});

test("lines may end as on Windows", () => {
  expect(parse("project: housing\r\nports:\r\n  s3: 9100\r\n")).toEqual({
    project: "housing",
    ports: { s3: 9100 },
  });
});

describe("a bad file is refused with the place, what was found and what is allowed", () => {
  test.each([
    // Not a mapping.
    ["- project\n", `1:1: found a list; allowed: the keys ${topKeys}.`],
    ["housing\n", `1:1: found "housing"; allowed: the keys ${topKeys}.`],
    ["\n\n  42\n", `3:3: found 42 (number); allowed: the keys ${topKeys}.`],
    ["\0", `1:1: found "\\u0000"; allowed: the keys ${topKeys}.`],
    ["ports: []\n", "1:8: ports: found a list; allowed: the keys airflow, mlflow, s3, console."],
    ["ports: [8080]\n", "1:8: ports: found a list; allowed: the keys airflow, mlflow, s3, console."],
    ["ports: 8080\n", "1:8: ports: found 8080 (number); allowed: the keys airflow, mlflow, s3, console."],
    ["ports:\n", "1:7: ports: found nothing; allowed: the keys airflow, mlflow, s3, console."],
    [
      "env: { airflow: [A] }",
      "1:17: env.airflow: found a list; allowed: a mapping of variable names to values.",
    ],
    [
      "env: { airflow: A=1 }",
      '1:17: env.airflow: found "A=1"; allowed: a mapping of variable names to values.',
    ],

    // Unknown keys.
    ["projct: housing\n", `1:1: projct: found an unknown key; allowed: ${topKeys}.`],
    [
      "project: a\n\nports:\n  s4: 9000\n",
      "4:3: ports.s4: found an unknown key; allowed: airflow, mlflow, s3, console.",
    ],
    [
      "versions: { minio: '2026-02-12', redis: 7 }",
      "1:34: versions.redis: found an unknown key; allowed: airflow, mlflow, postgres, minio.",
    ],
    [
      "images: { redis: redis }",
      "1:11: images.redis: found an unknown key; allowed: airflow, mlflow, postgres, minio.",
    ],
    [
      "env: { redis: {} }",
      "1:8: env.redis: found an unknown key; allowed: airflow, mlflow, postgres, minio.",
    ],
    [
      "airflow: { workers: 2 }",
      "1:12: airflow.workers: found an unknown key; allowed: layout, parallelism, load_examples, provider_compat.",
    ],
    ["constructor: 1\n", `1:1: constructor: found an unknown key; allowed: ${topKeys}.`],
    ["__proto__: { project: a }\n", `1:1: __proto__: found an unknown key; allowed: ${topKeys}.`],
    [
      "ports: { toString: 1 }",
      "1:10: ports.toString: found an unknown key; allowed: airflow, mlflow, s3, console.",
    ],
    ["<<: { project: a }\n", `1:1: <<: found an unknown key; allowed: ${topKeys}.`],
    ["1: 2\n", `1:1: 1: found an unknown key; allowed: ${topKeys}.`],
    ["? [a, b]\n: c\n", `1:1: [ a, b ]: found an unknown key; allowed: ${topKeys}.`],

    // Wrong types and values.
    ["project: 5\n", `1:10: project: found 5 (number); allowed: ${projectRule}.`],
    ["project: Housing\n", `1:10: project: found "Housing"; allowed: ${projectRule}.`],
    ["project: -a\n", `1:10: project: found "-a"; allowed: ${projectRule}.`],
    ["project: ''\n", `1:10: project: found ""; allowed: ${projectRule}.`],
    ["project: ~\n", `1:10: project: found nothing; allowed: ${projectRule}.`],
    ['project: "a\\n"\n', `1:10: project: found "a\\n"; allowed: ${projectRule}.`],
    ['project: "a\\0"\n', `1:10: project: found "a\\u0000"; allowed: ${projectRule}.`],
    [`project: ${"a".repeat(41)}\n`, `1:10: project: found "${"a".repeat(41)}"; allowed: ${projectRule}.`],
    [
      `bucket: ${"b".repeat(64)}\n`,
      `1:9: bucket: found "${"b".repeat(59)}..." (64 characters); allowed: ${bucketRule}.`,
    ],
    ["bucket: ml\n", `1:9: bucket: found "ml"; allowed: ${bucketRule}.`],
    ["bucket: my.bucket\n", `1:9: bucket: found "my.bucket"; allowed: ${bucketRule}.`],
    ["bucket: [mlflow]\n", `1:9: bucket: found a list; allowed: ${bucketRule}.`],
    ["bucket: { name: mlflow }\n", `1:9: bucket: found a mapping; allowed: ${bucketRule}.`],
    ["ports:\n  airflow: '8080'\n", `2:12: ports.airflow: found "8080"; allowed: ${portRule}.`],
    ["ports:\n  airflow: 80.5\n", `2:12: ports.airflow: found 80.5 (number); allowed: ${portRule}.`],
    ["ports:\n  airflow: 0\n", `2:12: ports.airflow: found 0 (number); allowed: ${portRule}.`],
    ["ports:\n  airflow: 65536\n", `2:12: ports.airflow: found 65536 (number); allowed: ${portRule}.`],
    ["ports:\n  airflow: -1\n", `2:12: ports.airflow: found -1 (number); allowed: ${portRule}.`],
    ["ports:\n  airflow: .inf\n", `2:12: ports.airflow: found Infinity (number); allowed: ${portRule}.`],
    ["versions: { airflow: 3.3 }", '1:22: versions.airflow: found 3.3 (number); allowed: "3.3.2".'],
    ["versions: { postgres: 17 }", '1:23: versions.postgres: found 17 (number); allowed: "17".'],
    [
      "versions: antique",
      '1:11: versions: found "antique"; allowed: current, classic, or the keys airflow, mlflow, postgres, minio.',
    ],
    ["versions: 2", "1:11: versions: found 2 (number); allowed: the keys airflow, mlflow, postgres, minio."],
    ["buckets: data", '1:10: buckets: found "data"; allowed: a list of bucket names.'],
    ["buckets: [data, X]", `1:17: buckets.1: found "X"; allowed: ${bucketRule}.`],
    [
      "memory: { airflow: 8 }",
      '1:20: memory.airflow: found 8 (number); allowed: a size such as "512m" or "8g".',
    ],
    ["memory: { airflow: 0g }", '1:20: memory.airflow: found "0g"; allowed: a size such as "512m" or "8g".'],
    ["images: { mlflow: My/Image }", `1:19: images.mlflow: found "My/Image"; allowed: ${imageRule}.`],
    ["images: { mlflow: 'a b' }", `1:19: images.mlflow: found "a b"; allowed: ${imageRule}.`],
    ["images: { mlflow: '' }", `1:19: images.mlflow: found ""; allowed: ${imageRule}.`],
    ["images: { mlflow: 'a@sha256:12' }", `1:19: images.mlflow: found "a@sha256:12"; allowed: ${imageRule}.`],
    [
      "env: { mlflow: { 1A: x } }",
      '1:18: env.mlflow.1A: found "1A"; allowed: variable names of letters, digits and _.',
    ],
    ["env: { mlflow: { A: ~ } }", `1:21: env.mlflow.A: found nothing; allowed: ${envRule}.`],
    ["env: { mlflow: { A: [1] } }", `1:21: env.mlflow.A: found a list; allowed: ${envRule}.`],
    [
      'env: { mlflow: { A: "x\\0y" } }',
      '1:21: env.mlflow.A: found "x\\u0000y"; allowed: a string without NUL characters.',
    ],
    [
      "airflow: { parallelism: 0 }",
      "1:25: airflow.parallelism: found 0 (number); allowed: a whole number from 1 to 64.",
    ],
    [
      "airflow: { parallelism: 2.5 }",
      "1:25: airflow.parallelism: found 2.5 (number); allowed: a whole number from 1 to 64.",
    ],
    ["airflow: { load_examples: yes }", '1:27: airflow.load_examples: found "yes"; allowed: true or false.'],
    [
      "airflow: { provider_compat: 1 }",
      "1:29: airflow.provider_compat: found 1 (number); allowed: true or false.",
    ],

    // Not YAML, or more of it than a settings file needs.
    ["project: a\nproject: b\n", "2:1: not valid YAML: Map keys must be unique."],
    ["ports:\n\ts3: 1\n", "2:1: not valid YAML: Tabs are not allowed as indentation."],
    ["@home\n", "1:1: not valid YAML: Plain value cannot start with reserved character @."],
    ["project: !secret a\n", "1:10: not valid YAML: Unresolved tag: !secret."],
    ["project: !!js/function x\n", "1:10: not valid YAML: Unresolved tag: tag:yaml.org,2002:js/function."],
    ["project: a\n---\nproject: b\n", "2:1: found a second document; allowed: one."],
    [
      "bucket: *name\n",
      "1:9: not valid YAML: Unresolved alias (the anchor must be set before the alias): name.",
    ],
  ])("%j", (text, problem) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: `stack.yaml:${problem}` }),
    );
  });
});

test("all problems are told at once, a line each", () => {
  expect(() => parse("projct: a\nports:\n  s3: 0\n  console: x\n")).toThrow(
    expect.objectContaining({
      message: [
        "3 settings are not valid:",
        `  stack.yaml:3:7: ports.s3: found 0 (number); allowed: ${portRule}.`,
        `  stack.yaml:4:12: ports.console: found "x"; allowed: ${portRule}.`,
        `  stack.yaml:1:1: projct: found an unknown key; allowed: ${topKeys}.`,
      ].join("\n"),
    }),
  );
});

describe("a file of another kind under this name, with 20,000 keys,", () => {
  const count = 20_000;
  const manyKeys = (indent: string, key: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => `${indent}${key(index)}: x\n`).join("");
  /** With the time that the processor took for it, whatever else there is to do on this machine. */
  const refusal = (text: string): { readonly message: string; readonly tookMs: number } => {
    const before = process.cpuUsage();
    let message = "";
    try {
      parse(text);
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
    }
    const { user, system } = process.cpuUsage(before);
    return { message, tookMs: (user + system) / 1000 };
  };

  test.each([
    [
      "that are unknown",
      manyKeys("", (index) => `key${index}`),
      /^stack\.yaml:1:1: key0: found an unknown key/u,
    ],
    [
      "that are no names",
      `env:\n  airflow:\n${manyKeys("    ", (index) => `k-${index}`)}`,
      new RegExp(
        `^${count} settings are not valid:\n  stack\\.yaml:3:5: env.*\n(?:.*\n){19}  and ${count - 20} more$`,
        "u",
      ),
    ],
    [
      "that are all the same",
      manyKeys("", () => "key"),
      new RegExp(
        `^${count - 1} settings are not valid:\n  stack\\.yaml:2:1: not valid YAML: Map keys must be unique`,
        "u",
      ),
    ],
  ])("%s, is refused in a moment", (_, text, message) => {
    const refused = refusal(text);
    expect(refused.message).toMatch(message);
    // It takes half a second; with each key compared to each it took five.
    expect(refused.tookMs).toBeLessThan(2500);
  });
});

test("a file of a size that nobody writes is refused unread", () => {
  expect(() => parse("# a comment\n".repeat(100_000))).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      message: "stack.yaml: found 1200000 characters; allowed: at most 1000000.",
    }),
  );
});

test("aliases that would expand without end are refused where they begin", () => {
  const levels = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  const bomb = levels.map((name, index) => {
    const inner = index === 0 ? "x" : `*${levels[index - 1]}`;
    return `${name}: &${name} [${Array.from({ length: 9 }, () => inner).join(", ")}]`;
  });
  expect(() => parse(bomb.join("\n"))).toThrow(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/^stack\.yaml:2:8: not valid YAML: Excessive alias count/u),
    }),
  );
});

test("a mapping that holds itself is refused", () => {
  expect(() => parse("ports: &all\n  s3: 1\n  x: *all\n")).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(/^stack\.yaml:3:6: not valid YAML: an alias of what it is a part of\./u),
    }),
  );
});

test("the hint says that nothing was changed and where settings are explained", () => {
  expect(() => parse("a: 1")).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/nothing was changed.*docs\/configuration\.md/u) }),
  );
});
