import { chmod } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Authority } from "./certificates.ts";
import { docker } from "./run.ts";
import { freePorts } from "./test-project.ts";

/** An MLflow that no stack runs: TLS by an authority that nobody knows, and a login. */
export interface SecondMlflow {
  /** As containers and `stack` name it. */
  readonly url: string;
  /** The same by an address that is not on its list of allowed hosts. */
  readonly urlByAddress: string;
  readonly port: number;
  readonly login: string;
  readonly password: string;
  /** Calls it directly, over plain HTTP inside its own container. */
  ask<T>(path: string, body?: object): Promise<T>;
  dispose(): Promise<void>;
}

const login = "alice";
// Each of these characters means something to a shell, to JSON, to an env file or to a URL.
const password = `it's "a" $ecret \\ #1 {%41}@:/`;
const sharedName = "host.docker.internal";

export async function startSecondMlflow(image: string, authority: Authority): Promise<SecondMlflow> {
  const gateway = await docker(
    "network",
    "inspect",
    "bridge",
    "--format",
    "{{(index .IPAM.Config 0).Gateway}}",
  );
  const [port = 0] = await freePorts(1);
  const subjects = [`DNS:${sharedName}`, "DNS:localhost", `IP:${gateway}`];
  const { certificate, key } = await authority.sign("mlflow", subjects);
  for (const file of [certificate, key]) await chmod(file, 0o644);
  const name = `test-second-mlflow-${port}`;
  const env = {
    MLFLOW_FLASK_SERVER_SECRET_KEY: "of-this-test",
    MLFLOW_AUTH_ADMIN_USERNAME: login,
    MLFLOW_AUTH_ADMIN_PASSWORD: password,
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
    MLFLOW_DISABLE_TELEMETRY: "true",
  };
  await docker(
    "run",
    "--detach",
    "--name",
    name,
    // The engine's own address is where containers find the machine.
    ...[gateway, "127.0.0.1"].flatMap((address) => ["--publish", `${address}:${port}:5000`]),
    "--volume",
    `${certificate}:/tls/cert.pem:ro`,
    "--volume",
    `${key}:/tls/key.pem:ro`,
    ...Object.entries(env).flatMap(([variable, value]) => ["--env", `${variable}=${value}`]),
    image,
    "mlflow",
    "server",
    "--host=0.0.0.0",
    "--port=5000",
    "--workers=1",
    "--app-name=basic-auth",
    "--backend-store-uri=sqlite:////mlflow/mlflow.db",
    "--artifacts-destination=/mlflow/artifacts",
    `--allowed-hosts=${sharedName}:*,localhost:*`,
    "--uvicorn-opts=--ssl-certfile /tls/cert.pem --ssl-keyfile /tls/key.pem",
  );
  const ask = async <T>(path: string, body?: object): Promise<T> => {
    const data = body === undefined ? [] : ["--json", JSON.stringify(body)];
    const call = ["curl", "--silent", "--show-error", "--fail-with-body", "--insecure", ...data];
    const user = ["--user", `${login}:${password}`];
    return JSON.parse(
      await docker("exec", name, ...call, ...user, `https://localhost:5000/api/2.0/mlflow/${path}`),
    ) as T;
  };
  const second: SecondMlflow = {
    url: `https://${sharedName}:${port}`,
    urlByAddress: `https://${gateway}:${port}`,
    port,
    login,
    password,
    ask,
    dispose: async () => {
      if (process.env["STACK_TEST_KEEP"] !== "1") await docker("rm", "--force", "--volumes", name);
    },
  };
  await untilAnswers(async () => await ask("experiments/search", { max_results: 1 }));
  return second;
}

async function untilAnswers(question: () => Promise<unknown>): Promise<void> {
  const attempts = 120;
  for (let attempt = 1; ; attempt++) {
    try {
      await question();
      return;
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(500);
    }
  }
}
