import { describe, expect, test } from "vitest";
import type { ComposeFile } from "../../../src/stack/compose-types.ts";
import { findGivenSecrets } from "../../../src/stack/recover-secrets.ts";
import { createFakeEngine } from "../../support/fake-engine.ts";

const file: ComposeFile = {
  name: "housing",
  services: {
    mlflow: {
      image: "mlflow",
      environment: {
        URI: "postgresql://mlflow:${STACK_SECRET_MLFLOW_DB_PASSWORD}@postgres/mlflow",
        KEYS: "${STACK_SECRET_S3_ACCESS_KEY} $$ ${STACK_SECRET_S3_SECRET_KEY}",
        JWT: "${STACK_SECRET_JWT_SECRET}",
        PLAIN: "no secret",
      },
      configs: [{ source: "login", target: "/login.json" }],
    },
  },
  volumes: {},
  configs: { login: { content: '{"admin": "${STACK_SECRET_AIRFLOW_ADMIN_PASSWORD}"}\n' } },
};

async function recovered(environment: Readonly<Record<string, string>>, login = ""): Promise<unknown> {
  const engine = createFakeEngine();
  engine.world.add({ project: "housing", service: "mlflow" });
  engine.world.add({ project: "housing", service: "of-another-release" });
  engine.world.environments.set("mlflow", environment);
  engine.world.files.set("mlflow:/login.json", login);
  return (await findGivenSecrets(file, "housing", engine)).known;
}

test("secrets are read from what containers were given, wherever in a text they stand", async () => {
  const environment = {
    URI: "postgresql://mlflow:0123456789@postgres/mlflow",
    KEYS: "access $ secret-key",
    JWT: "abcdefgh",
  };
  await expect(recovered(environment, '{"admin": "of-admin"}\n')).resolves.toEqual({
    MLFLOW_DB_PASSWORD: "0123456789",
    S3_ACCESS_KEY: "access",
    S3_SECRET_KEY: "secret-key",
    JWT_SECRET: "abcdefgh",
    AIRFLOW_ADMIN_PASSWORD: "of-admin",
  });
});

test("what has another form than the compose file's is left alone, and so is what is no secret", async () => {
  await expect(
    recovered({ URI: "postgresql://other@elsewhere", KEYS: "access $ x", JWT: "" }, "{}"),
  ).resolves.toEqual({ S3_ACCESS_KEY: "access" });
});

describe("what services that are all well agree on", () => {
  const environment = { JWT: "abcdefgh" };
  const two: ComposeFile = {
    ...file,
    services: {
      one: { image: "one", environment: { JWT: "${STACK_SECRET_JWT_SECRET}" } },
      two: { image: "two", environment: { JWT: "${STACK_SECRET_JWT_SECRET}" } },
    },
  };
  async function given(ofTwo: object, behaviour: object = {}) {
    const engine = createFakeEngine();
    engine.world.add({ project: "housing", service: "one", behaviour });
    engine.world.add({ project: "housing", service: "two" });
    engine.world.environments.set("one", environment);
    engine.world.environments.set("two", { ...environment, ...ofTwo });
    return await findGivenSecrets(two, "housing", engine);
  }

  test("is what their data opens to", async () => {
    const secrets = { JWT_SECRET: "abcdefgh" };
    await expect(given({})).resolves.toEqual({ known: secrets, proven: secrets });
  });

  test("is nothing where they differ, or where one isn't well", async () => {
    await expect(given({ JWT: "another1" })).resolves.toMatchObject({ proven: {} });
    const ill = await given({}, { exitsAfterMs: 0, exitCode: 1 });
    expect(ill).toEqual({ known: { JWT_SECRET: "abcdefgh" }, proven: {} });
  });
});
