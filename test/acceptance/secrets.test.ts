import { readFile, rm } from "node:fs/promises";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isGiven, parseSecrets, secretNames, type Secrets } from "../../src/stack/secrets.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import { output, run } from "../support/run.ts";
import { callServices } from "../support/services.ts";

const generated = secretNames.filter((name) => !isGiven(name));
const logins = ["airflow", "postgres", "airflow-db", "mlflow-db", "minio", "s3"] as const;

/* Each test asks the services themselves who may enter. */
describe("the secrets of a stack with data", () => {
  let stack: FaultStack;
  const file = () => stack.path(".stack", ".env");
  const secretsOnDisk = async (): Promise<Secrets> =>
    parseSecrets(await readFile(file(), "utf8"), ".env") as Secrets;

  const entersAirflow = async (secrets: Secrets): Promise<boolean> => {
    const { status } = await fetch(`http://127.0.0.1:${stack.ports.airflow}/auth/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "admin", password: secrets.AIRFLOW_ADMIN_PASSWORD }),
    });
    return status === 201;
  };
  const entersDatabase = async (role: string, password: string): Promise<boolean> => {
    const login = ["--host=postgres", `--username=${role}`, `--dbname=${role}`, "--command=select 1"];
    const container = await stack.containerOf("postgres");
    const { status } = await run("docker", [
      "exec",
      "--env",
      `PGPASSWORD=${password}`,
      container,
      "psql",
      ...login,
    ]);
    return status === 0;
  };
  const entersStore = async (accessKeyId: string, secretAccessKey: string): Promise<boolean> => {
    const client = new S3Client({
      endpoint: `http://127.0.0.1:${stack.ports.s3}`,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
    return await client.send(new ListObjectsV2Command({ Bucket: "mlflow" })).then(
      () => true,
      () => false,
    );
  };
  /** The logins that these secrets open. */
  const opened = async (secrets: Secrets): Promise<readonly string[]> => {
    const answers = await Promise.all([
      entersAirflow(secrets),
      entersDatabase("postgres", secrets.POSTGRES_PASSWORD),
      entersDatabase("airflow", secrets.AIRFLOW_DB_PASSWORD),
      entersDatabase("mlflow", secrets.MLFLOW_DB_PASSWORD),
      entersStore(secrets.MINIO_ROOT_USER, secrets.MINIO_ROOT_PASSWORD),
      entersStore(secrets.S3_ACCESS_KEY, secrets.S3_SECRET_KEY),
    ]);
    return logins.filter((_, index) => answers[index]);
  };
  /** What is encrypted in Airflow's database, as Airflow reads it. */
  const expectEncryptedThere = async (): Promise<void> => {
    const { airflow } = await callServices(stack);
    await expect(airflow("variables/kept")).resolves.toMatchObject({ value: "the value" });
    const password = "select password from connection where conn_id = 'kept'";
    const token = await output("docker", [
      "exec",
      await stack.containerOf("postgres"),
      "psql",
      "--username=postgres",
      "--dbname=airflow",
      "--no-align",
      "--tuples-only",
      "--command",
      password,
    ]);
    const open = `import os, sys; from cryptography.fernet import Fernet
print(Fernet(os.environ["AIRFLOW__CORE__FERNET_KEY"]).decrypt(sys.argv[1]).decode())`;
    const container = await stack.containerOf("airflow");
    await expect(output("docker", ["exec", container, "python", "-c", open, token.trim()])).resolves.toMatch(
      /^the password\s*$/u,
    );
  };
  const expectReplaced = async (before: Secrets): Promise<void> => {
    const after = await secretsOnDisk();
    expect(generated.filter((name) => after[name] === before[name])).toEqual([]);
    await expect(opened(after)).resolves.toEqual(logins);
    await expect(opened(before)).resolves.toEqual([]);
    await expectEncryptedThere();
  };

  beforeAll(async () => {
    stack = await createFaultStack("secrets");
    const { airflow } = await callServices(stack);
    const post = async (path: string, body: object): Promise<unknown> =>
      await airflow(path, { method: "POST", body: JSON.stringify(body) });
    await post("variables", { key: "kept", value: "the value" });
    await post("connections", { connection_id: "kept", conn_type: "http", password: "the password" });
  });
  afterAll(async () => {
    await stack.dispose();
  });

  test("are replaced by `secrets rotate`; the old ones open nothing, and no data is lost", async () => {
    const before = await secretsOnDisk();
    await expect(opened(before)).resolves.toEqual(logins);
    const { status, json } = await stack.stackJson<UpResult>("secrets", "rotate");
    expect(status).toBe(0);
    expect(json.proof?.bytes).toBeGreaterThan(0);
    await expectReplaced(before);
    await stack.expectWhole();
  });

  test("are shown by name", async () => {
    const { json } = await stack.stackJson<readonly object[]>("secrets", "show", "JWT_SECRET");
    expect(json).toMatchObject([{ name: "JWT_SECRET", value: await stack.secret("JWT_SECRET") }]);
  });

  test("are found again in the running stack when their file is lost, and nothing is restarted", async () => {
    const text = await readFile(file(), "utf8");
    await rm(file());
    const { json } = await stack.stackJson<UpResult>("up");
    expect(json.changed).toBe(false);
    await expect(readFile(file(), "utf8")).resolves.toBe(text);
  });

  test("are made anew when their file is lost and nothing runs, and all data is there", async () => {
    const before = await secretsOnDisk();
    await stack.stack("down");
    await rm(file());
    await stack.expectWhole();
    await expectReplaced(before);
  });
});
