import { v } from "../lib/schema.ts";
import { airflowLayouts } from "./layout.ts";
import { lines } from "./lines.ts";
import { mlflowSettings } from "./mlflow-settings.ts";
import { bundledVersions } from "./versions.ts";

/*
 * Each message below finishes the sentence "found ...; allowed: ...".
 */
const port = v.pipe(
  v.number("a port number from 1 to 65535"),
  v.integer("a port number from 1 to 65535"),
  v.minValue(1, "a port number from 1 to 65535"),
  v.maxValue(65_535, "a port number from 1 to 65535"),
);

const projectRule =
  "lower-case letters, digits, - and _, starting with a letter or digit, at most 40 characters";
// Compose's own rule for project names, with a length that leaves room for the names made from it.
const projectName = v.pipe(v.string(projectRule), v.regex(/^[a-z0-9][a-z0-9_-]{0,39}$/u, projectRule));

const bucketRule = "3 to 63 lower-case letters, digits and -, starting and ending with a letter or digit";
// S3's rule without dots, which break virtual-hosted TLS names.
const bucketName = v.pipe(
  v.string(bucketRule),
  v.regex(/^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/u, bucketRule),
);

// No part of its path is empty or starts with a dot: the engine's API takes it as a part of a path of its own.
const imageRule = "an image reference such as apache/airflow:3.3.2";
const image = v.pipe(
  v.string(imageRule),
  v.regex(/^(?!.*\/[./])[a-z0-9][\w.\-/:]{0,250}(?:@sha256:[a-f0-9]{64})?$/u, imageRule),
);

const memoryRule = 'a size such as "512m" or "8g"';
const memory = v.pipe(v.string(memoryRule), v.regex(/^[1-9]\d{0,4}[mg]$/u, memoryRule));

const envName = v.pipe(
  v.string("a variable name"),
  v.regex(/^[A-Za-z_]\w*$/u, "variable names of letters, digits and _"),
);
const envValue = v.pipe(
  v.union(
    [v.string(), v.number(), v.boolean()],
    "a string, a number or a boolean; write lists and mappings as a JSON string",
  ),
  v.transform(String),
  v.check((text) => !text.includes("\0"), "a string without NUL characters"),
);
const reservedNames = ["__proto__", "constructor", "prototype"];
/** The validator leaves these out of a record without a word. */
const notReserved = v.rawCheck<unknown>(({ dataset: { value }, addIssue }) => {
  if (typeof value !== "object" || value === null) return;
  const input = { ...value };
  for (const key of reservedNames.filter((name) => Object.hasOwn(value, name))) {
    addIssue({
      message: `variable names other than ${reservedNames.join(", ")}`,
      input: key,
      path: [{ type: "object", origin: "key", input, key, value: key }],
    });
  }
});
const envRule = "a mapping of variable names to values";
const env = v.pipe(v.unknown(), noList(envRule), notReserved, v.record(envName, envValue, envRule));

const boolean = v.boolean("true or false");
const parallelism = v.pipe(
  v.number("a whole number from 1 to 64"),
  v.integer("a whole number from 1 to 64"),
  v.minValue(1, "a whole number from 1 to 64"),
  v.maxValue(64, "a whole number from 1 to 64"),
);

function bundled<const T extends readonly string[]>(versions: T) {
  return v.picklist(versions, versions.map((version) => `"${version}"`).join(", "));
}

function section<const T extends v.ObjectEntries>(entries: T) {
  const rule = `the keys ${Object.keys(entries).join(", ")}`;
  return v.pipe(v.unknown(), noList(rule), v.strictObject(entries, rule));
}

/** To the validator a list is an object too. */
function noList(rule: string) {
  return v.check((value: unknown) => !Array.isArray(value), rule);
}

function perImage<const T extends v.GenericSchema>(schema: T) {
  const optional = v.optional(schema);
  return section({ airflow: optional, mlflow: optional, postgres: optional, minio: optional });
}

const versionOfEach = section({
  airflow: v.optional(bundled(bundledVersions.airflow)),
  mlflow: v.optional(bundled(bundledVersions.mlflow)),
  postgres: v.optional(bundled(bundledVersions.postgres)),
  minio: v.optional(bundled(bundledVersions.minio)),
});
const line = v.picklist(lines, `${lines.join(", ")}, or the keys airflow, mlflow, postgres, minio`);
// Decided by its form, so that a wrong one is told what it should be, not that it is neither.
const versions = v.lazy((input) => (typeof input === "string" ? line : versionOfEach));

/** What stack.yaml may hold; every key is optional. */
export const settingsSchema = section({
  project: v.optional(projectName),
  ports: v.optional(
    section({
      airflow: v.optional(port),
      mlflow: v.optional(port),
      s3: v.optional(port),
      console: v.optional(port),
    }),
  ),
  versions: v.optional(versions),
  bucket: v.optional(bucketName),
  buckets: v.optional(v.array(bucketName, "a list of bucket names")),
  images: v.optional(perImage(image)),
  memory: v.optional(perImage(memory)),
  env: v.optional(perImage(env)),
  airflow: v.optional(
    section({
      layout: v.optional(v.picklist(airflowLayouts, airflowLayouts.join(", "))),
      parallelism: v.optional(parallelism),
      load_examples: v.optional(boolean),
      provider_compat: v.optional(boolean),
    }),
  ),
  mlflow: v.optional(section(mlflowSettings)),
});

export type Settings = v.InferOutput<typeof settingsSchema>;
export type SettingsIssue = v.InferIssue<typeof settingsSchema>;
