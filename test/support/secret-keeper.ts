import { createHmac } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { expect } from "vitest";
import { isGiven, parseSecrets, secretNames, type Secrets } from "../../src/stack/secrets.ts";
import { fernetKeysFile } from "../../src/stack/services/airflow-paths.ts";
import { output, run, type Finished } from "./run.ts";
import { callServices } from "./services.ts";
import type { TestProject } from "./test-project.ts";

/** Tells which secrets a live stack goes by, by asking its services who may enter. */
export interface SecretKeeper {
  onDisk(): Promise<Secrets>;
  /** Has Airflow keep a variable and a connection, which it encrypts. */
  encryptSomething(): Promise<void>;
  /** Stops the stack and removes its secrets: the file, the containers that were given them, the key beside the data. */
  loseAll(): Promise<void>;
  /** These secrets open every login. */
  expectOpen(secrets: Secrets): Promise<void>;
  /** Airflow reads what it keeps encrypted. */
  expectReadable(): Promise<void>;
  /**
   * Every secret of `before` is another by now, and its logins, tokens and Fernet key open nothing any more; what was
   * encrypted can be read.
   */
  expectReplaced(before: Secrets): Promise<void>;
}

export const generatedSecrets = secretNames.filter((name) => !isGiven(name));
const logins = [
  "airflow",
  "airflow-token",
  "postgres",
  "airflow-db",
  "mlflow-db",
  "mlflow-admin",
  "mlflow-tasks",
  "minio",
  "s3",
] as const;

/** `airflow` is a service that has Airflow's key and Python. */
export function createSecretKeeper(stack: TestProject, airflow: string): SecretKeeper {
  const onDisk = async (): Promise<Secrets> =>
    parseSecrets(await readFile(stack.path(".stack", ".env"), "utf8"), ".env") as Secrets;
  const entersAirflow = async (secrets: Secrets): Promise<boolean> => {
    const { status } = await fetch(`http://127.0.0.1:${stack.ports.airflow}/auth/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "admin", password: secrets.AIRFLOW_ADMIN_PASSWORD }),
    });
    return status === 201;
  };
  /** A token as Airflow makes it by now, but signed with the key of these secrets. */
  const entersByToken = async (secrets: Secrets): Promise<boolean> => {
    const login = await fetch(`http://127.0.0.1:${stack.ports.airflow}/auth/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "admin", password: (await onDisk()).AIRFLOW_ADMIN_PASSWORD }),
    });
    const { access_token: token } = (await login.json()) as { access_token: string };
    const [header = "", claims = ""] = token.split(".");
    const { alg } = JSON.parse(Buffer.from(header, "base64url").toString()) as { alg: string };
    expect(alg).toBe("HS512");
    const signature = createHmac("sha512", secrets.JWT_SECRET).update(`${header}.${claims}`);
    const authorization = `Bearer ${header}.${claims}.${signature.digest("base64url")}`;
    const variables = `http://127.0.0.1:${stack.ports.airflow}/api/v2/variables?limit=1`;
    const { status } = await fetch(variables, { headers: { authorization } });
    expect([200, 401, 403]).toContain(status);
    return status === 200;
  };
  const entersMlflow = async (user: string, password: string): Promise<boolean> => {
    const url = `http://127.0.0.1:${stack.ports.mlflow}/api/2.0/mlflow/experiments/search?max_results=1`;
    const { status } = await fetch(url, {
      headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` },
    });
    return status === 200;
  };
  const entersDatabase = async (role: string, password: string): Promise<boolean> => {
    const login = ["--host=postgres", `--username=${role}`, `--dbname=${role}`, "--command=select 1"];
    const container = await stack.containerOf("postgres");
    const command = ["exec", "--env", "PGPASSWORD", container, "psql", ...login];
    return (await run("docker", command, { env: { ...process.env, PGPASSWORD: password } })).status === 0;
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
      entersByToken(secrets),
      entersDatabase("postgres", secrets.POSTGRES_PASSWORD),
      entersDatabase("airflow", secrets.AIRFLOW_DB_PASSWORD),
      entersDatabase("mlflow", secrets.MLFLOW_DB_PASSWORD),
      entersMlflow("admin", secrets.MLFLOW_ADMIN_PASSWORD),
      entersMlflow("mlflow", secrets.MLFLOW_PASSWORD),
      entersStore(secrets.MINIO_ROOT_USER, secrets.MINIO_ROOT_PASSWORD),
      entersStore(secrets.S3_ACCESS_KEY, secrets.S3_SECRET_KEY),
    ]);
    return logins.filter((_, index) => answers[index]);
  };
  /** Has Airflow's container decrypt what its database keeps, with its own key or with another one. */
  const decrypt = async (otherKey?: string): Promise<Finished> => {
    const password = "select password from connection where conn_id = 'kept'";
    const psql = ["psql", "--username=postgres", "--dbname=airflow", "--no-align", "--tuples-only"];
    const ask = ["exec", await stack.containerOf("postgres"), ...psql, "--command", password];
    const token = await output("docker", ask);
    const name = "AIRFLOW__CORE__FERNET_KEY";
    const open = `import os, sys; from cryptography.fernet import Fernet
print(Fernet(os.environ["${name}"]).decrypt(sys.argv[1]).decode())`;
    const program = [await stack.containerOf(airflow), "python", "-c", open, token.trim()];
    if (otherKey === undefined) return await run("docker", ["exec", ...program]);
    const env = { ...process.env, [name]: otherKey };
    return await run("docker", ["exec", "--env", name, ...program], { env });
  };
  const expectReadable = async (): Promise<void> => {
    const services = await callServices(stack);
    await expect(services.airflow("variables/kept")).resolves.toMatchObject({ value: "the value" });
    const { stdout, stderr } = await decrypt();
    expect(stdout, stderr).toMatch(/^the password\s*$/u);
  };
  const expectOpen = async (secrets: Secrets): Promise<void> => {
    await expect(opened(secrets)).resolves.toEqual(logins);
  };
  return {
    onDisk,
    encryptSomething: async () => {
      const services = await callServices(stack);
      const post = async (path: string, body: object): Promise<unknown> =>
        await services.airflow(path, { method: "POST", body: JSON.stringify(body) });
      await post("variables", { key: "kept", value: "the value" });
      await post("connections", { connection_id: "kept", conn_type: "http", password: "the password" });
    },
    loseAll: async () => {
      const keys = fernetKeysFile.slice(0, fernetKeysFile.lastIndexOf("/"));
      // Fails where the key isn't kept, so that there is something to lose.
      const remove = `test -s '${fernetKeysFile}' && rm -r '${keys}'`;
      await output("docker", ["exec", await stack.containerOf(airflow), "bash", "-c", remove]);
      expect((await stack.stack("down")).status).toBe(0);
      await rm(stack.path(".stack", ".env"));
    },
    expectOpen,
    expectReadable,
    expectReplaced: async (before) => {
      const after = await onDisk();
      expect(generatedSecrets.filter((name) => after[name] === before[name])).toEqual([]);
      await expectOpen(after);
      await expect(opened(before)).resolves.toEqual([]);
      await expectReadable();
      expect((await decrypt(before.FERNET_KEY)).stderr).toContain("InvalidToken");
    },
  };
}
