import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { logIn, waitFor } from "./airflow-client.ts";
import { exec, repository } from "./exec.ts";
import type { Images } from "./images.ts";
import type { Layout } from "./layout.ts";
import type { Workplace } from "./workplace.ts";

const composeFile = join(repository, "bench", "peers", "diy", "compose.yaml");

/** The same services assembled by hand, through `docker compose`. */
export function createDiyLayout(workplace: Workplace, images: Images): Layout {
  const { dagsDir, project, ports, dataset } = workplace;
  const env = {
    STACK_AIRFLOW_IMAGE: images.airflow,
    STACK_MLFLOW_IMAGE: images.mlflow,
    STACK_MINIO_IMAGE: images.minio,
    STACK_POSTGRES_IMAGE: images.postgres,
    BENCH_DAGS_DIR: dagsDir,
    BENCH_PORT_AIRFLOW: String(ports.airflow),
    BENCH_PORT_MLFLOW: String(ports.mlflow),
    BENCH_PORT_S3: String(ports.s3),
    BENCH_PORT_CONSOLE: String(ports.console),
  };
  const compose = async (args: readonly string[], inputFile?: string): Promise<void> => {
    const options = inputFile === undefined ? { env } : { env, inputFile };
    await exec("docker", ["compose", "--project-name", project, "--file", composeFile, ...args], options);
  };
  const airflow = async () => await logIn({ url: `http://127.0.0.1:${ports.airflow}`, password: "admin" });
  const probe = async (): Promise<void> => {
    await Promise.all([
      untilItWorks("Airflow", airflow),
      untilItWorks("MLflow", async () => await searchExperiments(ports.mlflow)),
      untilItWorks("S3", async () => await listBucket(ports.s3)),
    ]);
  };

  return {
    name: "diy",
    project,
    dagsDir,
    start: async () => {
      await compose(["up", "--detach", "--wait"]);
      await probe();
    },
    stop: async () => {
      await compose(["down"]);
    },
    destroy: async () => {
      await compose(["down", "--volumes"]);
    },
    cli: () => Promise.reject(new Error("a layout assembled by hand has no command line")),
    installDataset: async () => {
      const program = await readFile(join(repository, "compose", "seed", "install_dataset.py"), "utf8");
      await compose(["exec", "--no-TTY", "airflow-scheduler", "python", "-c", program], dataset);
    },
    airflow,
  };
}

async function searchExperiments(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/api/2.0/mlflow/experiments/search`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ max_results: 1 }),
  });
  if (!response.ok) throw new Error(`MLflow answered ${response.status}`);
}

async function listBucket(port: number): Promise<void> {
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "minioadmin", secretAccessKey: "minioadmin" },
  });
  try {
    await client.send(new ListObjectsV2Command({ Bucket: "mlflow", MaxKeys: 1 }));
  } finally {
    client.destroy();
  }
}

async function untilItWorks(what: string, call: () => Promise<unknown>): Promise<void> {
  await waitFor(
    `${what} to answer`,
    async () => {
      try {
        await call();
        return true;
      } catch {
        return undefined;
      }
    },
    { everyMs: 100, seconds: 120 },
  );
}
