import { chmod } from "node:fs/promises";
import { request } from "node:https";
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
  /** Passes a request on, with its own login; gives the answer of whatever status. */
  forward(
    method: string,
    path: string,
    body: Buffer,
  ): Promise<{ readonly status: number; readonly text: string }>;
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
    forward: async (method, path, body) =>
      await new Promise((resolve, reject) => {
        const headers = { "content-type": "application/json", "content-length": body.length };
        const options = { method, headers, auth: `${login}:${password}`, rejectUnauthorized: false };
        const sent = request(`https://localhost:${port}${path}`, options, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
          });
        });
        sent.on("error", reject);
        sent.end(body);
      }),
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
