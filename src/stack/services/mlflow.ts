import { confined } from "./containment.ts";
import type { ComposeService } from "../compose-types.ts";
import { elsewhereOf, loginOf, ownUsers } from "../mlflow-spec.ts";
import { secretRef } from "../secrets.ts";
import { hasOurMlflow } from "../spec.ts";
import { curl, healthcheck } from "./healthcheck.ts";
import { s3Url } from "./minio.ts";
import { extraEnv, published, type DefineService } from "./service.ts";

/** Where the other services reach MLflow. */
export const mlflowUrl = "http://mlflow:5000";

const workFolder = "/mlflow";

// MLflow answers 403 to any other Host header, while its health check says OK. A list replaces its default.
const allowedHosts = ["mlflow", "localhost", "127.0.0.1", "host.docker.internal"].flatMap((host) => [
  host,
  `${host}:*`,
]);

/** The MLflow server, unless one elsewhere takes its place. */
export const mlflow: DefineService = (inputs) =>
  elsewhereOf(inputs.spec) === undefined ? ownMlflow(inputs) : { services: {}, volumes: [], configs: {} };

/** Runs and models in PostgreSQL, artifacts in the bucket and served by MLflow itself. */
const ownMlflow: DefineService = (inputs) => ({
  services: {
    mlflow: {
      ...confined(inputs, "mlflow"),
      hostname: "mlflow",
      ...(hasOurMlflow(inputs.spec) ? ownStart : stockStart(inputs.spec.bucket)),
      environment: {
        MLFLOW_BACKEND_STORE_URI: `postgresql+psycopg2://mlflow:${secretRef("MLFLOW_DB_PASSWORD")}@postgres/mlflow`,
        MLFLOW_ARTIFACTS_DESTINATION: `s3://${inputs.spec.bucket}`,
        MLFLOW_SERVER_ALLOWED_HOSTS: allowedHosts.join(","),
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
        MLFLOW_S3_ENDPOINT_URL: s3Url,
        AWS_ACCESS_KEY_ID: secretRef("S3_ACCESS_KEY"),
        AWS_SECRET_ACCESS_KEY: secretRef("S3_SECRET_KEY"),
        AWS_DEFAULT_REGION: "us-east-1",
        MLFLOW_DISABLE_TELEMETRY: "true",
        DO_NOT_TRACK: "true",
        GIT_PYTHON_REFRESH: "quiet",
        // What goes through the server to the bucket is a file here on its way: too large for memory.
        TMPDIR: workFolder,
        ...(loginOf(inputs.spec) === undefined ? {} : users),
        ...extraEnv(inputs, "mlflow"),
      },
      ports: published(inputs, inputs.spec.ports.mlflow, 5000),
      volumes: [`mlflow-work:${workFolder}`],
      healthcheck: healthcheck({ test: answers }),
    },
  },
  volumes: ["mlflow-work"],
  configs: {},
});

// Made at the first start; at each one their stored passwords become these.
const users = {
  STACK_MLFLOW_AUTH: "basic",
  MLFLOW_AUTH_ADMIN_USERNAME: ownUsers.admin,
  MLFLOW_AUTH_ADMIN_PASSWORD: secretRef("MLFLOW_ADMIN_PASSWORD"),
  STACK_MLFLOW_TASKS_USERNAME: ownUsers.tasks,
  STACK_MLFLOW_TASKS_PASSWORD: secretRef("MLFLOW_PASSWORD"),
};

// Official images have no curl.
const url = "http://127.0.0.1:5000/health";
const answers = `${curl(url)} || { ! command -v curl && python -c "import urllib.request as r; r.urlopen('${url}', timeout=4)"; }`;

// Serves from the process that imported it, and waits for its database by itself.
const ownStart = { command: ["stack-mlflow"] } as const satisfies Partial<ComposeService>;

function stockStart(bucket: string): Partial<ComposeService> {
  return {
    command: [
      "mlflow",
      "server",
      "--host=0.0.0.0",
      "--port=5000",
      // One worker and no job runner: 0.35 GiB instead of 2.2.
      "--workers=1",
      `--artifacts-destination=s3://${bucket}`,
    ],
    depends_on: { postgres: { condition: "service_healthy" } },
  };
}
