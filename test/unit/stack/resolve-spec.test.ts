import { describe, expect, test } from "vitest";
import { resolveSpec, type SpecSources } from "../../../src/stack/resolve-spec.ts";
import { defaultSpec } from "../../../src/stack/spec.ts";

function resolve(sources: Partial<SpecSources> = {}) {
  return resolveAll(sources).spec;
}

function resolveAll(sources: Partial<SpecSources> = {}) {
  return resolveSpec({
    defaultProject: "folder-1234",
    fileName: "stack.yaml",
    fileText: undefined,
    env: {},
    flags: {},
    ...sources,
  });
}

describe("without any setting", () => {
  test("the spec is the default, on the loopback address alone", () => {
    expect(resolve()).toEqual(defaultSpec("folder-1234"));
    expect(resolve().host).toBe("127.0.0.1");
    expect(resolve().ports).toEqual({ airflow: 8080, mlflow: 5000, s3: 9000, console: 9001 });
  });

  test("an empty file is as good as none", () => {
    expect(resolve({ fileText: "" })).toEqual(resolve());
  });
});

describe("layers", () => {
  const fileText =
    "project: of-file\nbucket: of-file\nports: { airflow: 1001, mlflow: 1002, s3: 1003 }\nimages: { mlflow: of-file:1, minio: of-file:1 }\n";
  const env = {
    STACK_PROJECT: "of-env",
    STACK_BUCKET: "of-env",
    STACK_PORT_MLFLOW: "2002",
    STACK_PORT_S3: "2003",
    STACK_IMAGE_MINIO: "of-env:1",
  };
  const flags = { project: "of-flag", port: ["s3=3003"] };

  test("flags win over the environment, it over the file, and the file over defaults", () => {
    const spec = resolve({ fileText, env, flags });
    expect(spec.project).toBe("of-flag");
    expect(spec.bucket).toBe("of-env");
    expect(spec.ports).toEqual({ airflow: 1001, mlflow: 2002, s3: 3003, console: 9001 });
    expect(spec.images).toEqual({ mlflow: "of-file:1", minio: "of-env:1" });
  });

  test("a setting of a section leaves its other settings as they were", () => {
    const spec = resolve({ fileText: "airflow: { load_examples: true }\nenv: { mlflow: { A: 1 } }\n" });
    expect(spec.airflow).toEqual({
      parallelism: 4,
      layout: "together",
      loadExamples: true,
      providerCompat: true,
    });
    expect(spec.env).toEqual({ airflow: {}, mlflow: { A: "1" }, postgres: {}, minio: {} });
  });

  test("an empty section changes nothing", () => {
    expect(resolve({ fileText: "ports: {}\nenv: { airflow: {} }\nairflow: {}\nimages: {}\n" })).toEqual(
      resolve(),
    );
  });

  test.each<[string, Partial<SpecSources>, RegExp]>([
    ["the file", { fileText: "ports: 1" }, /^stack\.yaml:1:8: ports: /u],
    ["the environment", { env: { STACK_PORT_S3: "x" } }, /^environment variable STACK_PORT_S3: /u],
    ["a flag", { flags: { bucket: "x" } }, /^--bucket: /u],
  ])("a mistake in %s is refused with its place", (_, sources, message) => {
    expect(() => resolve(sources)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringMatching(message) }),
    );
  });

  test("a mistake in a layer is refused even where a stronger one gives the setting", () => {
    expect(() => resolve({ fileText: "project: 5", flags: { project: "fine" } })).toThrow(
      /^stack\.yaml:1:10/u,
    );
  });
});

describe("two services on one port", () => {
  test("are refused, wherever the numbers come from", () => {
    expect(() => resolve({ fileText: "ports: { airflow: 5000 }" })).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message:
          "ports.airflow and ports.mlflow: found 5000 for each of them; allowed: a different port for each.",
      }),
    );
  });

  test("may change places", () => {
    expect(resolve({ fileText: "ports: { airflow: 5000, mlflow: 8080 }" }).ports).toMatchObject({
      airflow: 5000,
      mlflow: 8080,
    });
  });
});
