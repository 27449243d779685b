import type { TestProject } from "./test-project.ts";

/** A running stack that contract tests may write to. */
export interface LiveStack {
  readonly airflow: { readonly url: string; readonly username: string; readonly password: string };
  /** With the value of the header Authorization. */
  readonly mlflow: { readonly url: string; readonly authorization: string };
  readonly s3: {
    readonly endpoint: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly region: string;
  };
  readonly bucket: string;
  /** The DAG folder on this machine, with the tutorial DAG in it. */
  readonly dagsDir: string;
}

/** The stack of a test project that is up. */
export async function liveStackOf({ ports, secret, path }: TestProject): Promise<LiveStack> {
  return {
    airflow: {
      url: `http://127.0.0.1:${ports.airflow}`,
      username: "admin",
      password: await secret("AIRFLOW_ADMIN_PASSWORD"),
    },
    mlflow: {
      url: `http://127.0.0.1:${ports.mlflow}`,
      authorization: mlflowLogin(await secret("MLFLOW_PASSWORD")),
    },
    s3: {
      endpoint: `http://127.0.0.1:${ports.s3}`,
      accessKeyId: await secret("MINIO_ROOT_USER"),
      secretAccessKey: await secret("MINIO_ROOT_PASSWORD"),
      region: "us-east-1",
    },
    bucket: "mlflow",
    dagsDir: path("dags"),
  };
}

/** As tasks log in. */
function mlflowLogin(password: string): string {
  return `Basic ${btoa(`mlflow:${password}`)}`;
}

const variables = [
  "STACK_LIVE_AIRFLOW_URL",
  "STACK_LIVE_AIRFLOW_PASSWORD",
  "STACK_LIVE_MLFLOW_URL",
  "STACK_LIVE_MLFLOW_PASSWORD",
  "STACK_LIVE_S3_URL",
  "STACK_LIVE_S3_ACCESS_KEY",
  "STACK_LIVE_S3_SECRET_KEY",
  "STACK_LIVE_BUCKET",
  "STACK_LIVE_DAGS_DIR",
] as const;

/** The stack that the environment names; undefined when it names none, an error when it names half of one. */
export function liveStackFromEnv(env: NodeJS.ProcessEnv = process.env): LiveStack | undefined {
  const missing = variables.filter((name) => env[name] === undefined);
  if (missing.length === variables.length) return undefined;
  const read = (name: (typeof variables)[number]): string => {
    const value = env[name];
    if (value === undefined) throw new Error(`A live stack is half named; missing: ${missing.join(", ")}.`);
    return value;
  };
  return {
    airflow: {
      url: read("STACK_LIVE_AIRFLOW_URL"),
      username: "admin",
      password: read("STACK_LIVE_AIRFLOW_PASSWORD"),
    },
    mlflow: {
      url: read("STACK_LIVE_MLFLOW_URL"),
      authorization: mlflowLogin(read("STACK_LIVE_MLFLOW_PASSWORD")),
    },
    s3: {
      endpoint: read("STACK_LIVE_S3_URL"),
      accessKeyId: read("STACK_LIVE_S3_ACCESS_KEY"),
      secretAccessKey: read("STACK_LIVE_S3_SECRET_KEY"),
      region: "us-east-1",
    },
    bucket: read("STACK_LIVE_BUCKET"),
    dagsDir: read("STACK_LIVE_DAGS_DIR"),
  };
}
