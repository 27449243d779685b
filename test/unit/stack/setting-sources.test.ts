import { describe, expect, test } from "vitest";
import { settingsFromEnv, settingsFromFlags, type SettingFlags } from "../../../src/stack/setting-sources.ts";

const keys = "airflow, mlflow, s3, console";
const images = "airflow, mlflow, postgres, minio";

describe("the environment", () => {
  test("gives project, bucket, ports and images", () => {
    expect(
      settingsFromEnv({
        STACK_PROJECT: "housing",
        STACK_BUCKET: "artifacts",
        STACK_PORT_AIRFLOW: "18080",
        STACK_PORT_CONSOLE: "19001",
        STACK_IMAGE_MLFLOW: "mlflow:dev",
      }),
    ).toEqual({
      project: "housing",
      bucket: "artifacts",
      ports: { airflow: 18_080, console: 19_001 },
      images: { mlflow: "mlflow:dev" },
    });
  });

  test("gives nothing when no variable of ours is set", () => {
    expect(settingsFromEnv({ PATH: "/bin", STACK_PROJECT: undefined })).toEqual({ ports: {}, images: {} });
  });

  test.each([
    [{ STACK_PORT_S3: "nine" }, 'STACK_PORT_S3: found "nine"; allowed: a port number from 1 to 65535.'],
    [{ STACK_PORT_S3: "" }, 'STACK_PORT_S3: found ""; allowed: a port number from 1 to 65535.'],
    [{ STACK_PORT_S3: "9e3" }, 'STACK_PORT_S3: found "9e3"; allowed: a port number from 1 to 65535.'],
    [
      { STACK_PORT_S3: "70000" },
      "STACK_PORT_S3: found 70000 (number); allowed: a port number from 1 to 65535.",
    ],
    [
      { STACK_IMAGE_MINIO: "A B" },
      'STACK_IMAGE_MINIO: found "A B"; allowed: an image reference such as apache/airflow:3.3.2.',
    ],
    [
      { STACK_PROJECT: "My Project" },
      'STACK_PROJECT: found "My Project"; allowed: lower-case letters, digits, - and _, starting with a letter or digit, at most 40 characters.',
    ],
    [
      { STACK_PORT_MLFOW: "5001" },
      "STACK_PORT_MLFOW: found an unknown name; allowed: STACK_PORT_AIRFLOW, STACK_PORT_MLFLOW, STACK_PORT_S3, STACK_PORT_CONSOLE.",
    ],
    [{ STACK_PROJET: "housing" }, "STACK_PROJET: found an unknown name; allowed: STACK_PROJECT."],
    [{ STACK_BUCKETS: "a" }, "STACK_BUCKETS: found an unknown name; allowed: STACK_BUCKET."],
    [{ STACK_PROT_S3: "1" }, "STACK_PROT_S3: found an unknown name; allowed: STACK_PORT_S3."],
    [
      { STACK_IMAGE_: "" },
      "STACK_IMAGE_: found an unknown name; allowed: STACK_IMAGE_POSTGRES, STACK_IMAGE_MINIO, STACK_IMAGE_MLFLOW, STACK_IMAGE_AIRFLOW.",
    ],
    [
      { STACK_MLFLOW_RIGHTS: "off" },
      "STACK_MLFLOW_RIGHTS: found an unknown name; allowed: STACK_MLFLOW_MODE, STACK_MLFLOW_AUTH, STACK_MLFLOW_URL, STACK_MLFLOW_LOGIN, STACK_MLFLOW_PASSWORD_FILE, STACK_MLFLOW_CA_FILE, STACK_MLFLOW_EXPERIMENT_FOLDER, STACK_MLFLOW_PASSWORD; what a container reads belongs under env.mlflow or env.airflow in stack.yaml.",
    ],
  ])("is refused by the name of the variable: %j", (env, problem) => {
    expect(() => settingsFromEnv(env)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: `environment variable ${problem}` }),
    );
  });
});

test("variables that aren't named like settings, and the password's, are left alone", () => {
  const env = {
    STACK_MLFLOW_PASSWORD: "p",
    STACK_PORT_X: undefined,
    STACK_PORTAL: "a",
    STACK_ROOT: "/home/somebody/.stack",
    STACK_TEST_KEEP: "1",
  };
  expect(settingsFromEnv(env)).toEqual({ ports: {}, images: {} });
});

describe("flags", () => {
  test("give project, bucket, ports and images", () => {
    expect(
      settingsFromFlags({
        project: "housing",
        bucket: "artifacts",
        port: ["airflow=18080", "s3=19000"],
        image: ["minio=registry.example:5000/minio:1"],
      }),
    ).toEqual({
      project: "housing",
      bucket: "artifacts",
      ports: { airflow: 18_080, s3: 19_000 },
      images: { minio: "registry.example:5000/minio:1" },
    });
  });

  test("give nothing when there are none", () => {
    expect(settingsFromFlags({})).toEqual({ ports: {}, images: {} });
  });

  test.each<[SettingFlags, string]>([
    [{ port: ["airflow"] }, '--port airflow: found ""; allowed: a port number from 1 to 65535.'],
    [{ port: ["airflow=x=1"] }, '--port airflow: found "x=1"; allowed: a port number from 1 to 65535.'],
    [{ port: ["8080"] }, `--port 8080: found an unknown key; allowed: ${keys}.`],
    [{ port: ["constructor=1"] }, `--port constructor: found an unknown key; allowed: ${keys}.`],
    [{ port: ["s3=1", "s3=2"] }, '--port s3: found "1" and "2"; allowed: one value.'],
    [{ image: ["minio=a", "mlflow=c", "minio=b"] }, '--image minio: found "a" and "b"; allowed: one value.'],
    [{ image: ["redis=redis"] }, `--image redis: found an unknown key; allowed: ${images}.`],
    [
      { bucket: "x" },
      '--bucket: found "x"; allowed: 3 to 63 lower-case letters, digits and -, starting and ending with a letter or digit.',
    ],
  ])("are refused by their name: %j", (flags, problem) => {
    expect(() => settingsFromFlags(flags)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: problem }),
    );
  });
});
