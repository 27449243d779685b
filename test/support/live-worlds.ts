import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAirflowApi } from "../../src/adapters/airflow-api.ts";
import { createClassicAirflowApi } from "../../src/adapters/airflow-classic-api.ts";
import { realClock } from "../../src/adapters/clock.ts";
import { createMlflowApi } from "../../src/adapters/mlflow-api.ts";
import { createS3Store } from "../../src/adapters/s3.ts";
import type { Airflow } from "../../src/stack/service-ports.ts";
import type { AirflowWorld } from "../contract/airflow-contract.ts";
import type { MlflowWorld } from "../contract/mlflow-contract.ts";
import type { ObjectStoreWorld } from "../contract/object-store-contract.ts";
import type { LiveStack } from "./live-stack.ts";

/** The real adapter against a live Airflow. */
export function liveAirflow(stack: LiveStack): AirflowWorld {
  const components = ["metadatabase", "scheduler", "triggerer", "dag_processor"];
  return airflowWorld(stack, createAirflowApi({ ...stack.airflow, fetch }), components);
}

/** The one that speaks to Airflow 2, whose scheduler reads DAG files by itself. */
export function liveClassicAirflow(stack: LiveStack): AirflowWorld {
  const dagFolders = ["/opt/airflow/dags"];
  const airflow = createClassicAirflowApi({ ...stack.airflow, fetch, dagFolders });
  return airflowWorld(stack, airflow, ["metadatabase", "scheduler", "triggerer"]);
}

function airflowWorld({ dagsDir }: LiveStack, airflow: Airflow, components: readonly string[]): AirflowWorld {
  return {
    airflow,
    components,
    clock: realClock,
    dag: {
      dagId: "mlflow_tutorial_dag",
      file: "mlflow_tutorial_dag.py",
      taskIds: ["create_experiment", "scale_features", "create_registered_model"],
    },
    putDagFile: async (file, text) => {
      if (text === undefined) await rm(join(dagsDir, file), { force: true });
      else await writeFile(join(dagsDir, file), text);
    },
  };
}

/** The real adapter against a live MLflow, and a writer that speaks MLflow's REST API by itself. */
export function liveMlflow({ mlflow: { url, authorization } }: LiveStack): MlflowWorld {
  const post = async (endpoint: string, body: object) => {
    const response = await fetch(`${url}/api/2.0/mlflow/${endpoint}`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${endpoint}: ${response.status} ${await response.text()}`);
    return JSON.parse(await response.text());
  };
  return {
    mlflow: createMlflowApi({ url, authorization, fetch }),
    createExperiment: async (name, artifactLocation) =>
      (await post("experiments/create", { name, artifact_location: artifactLocation })).experiment_id,
    createRun: async (experimentId, { name, metrics, params, tags, modelName }) => {
      const created = await post("runs/create", {
        experiment_id: experimentId,
        run_name: name,
        start_time: Date.now(),
        tags: pairs(tags),
      });
      const runId: string = created.run.info.run_id;
      const timestamp = Date.now();
      await post("runs/log-batch", {
        run_id: runId,
        metrics: pairs(metrics).map(({ key, value }) => ({
          key,
          value: Number.isNaN(value) ? "NaN" : value,
          timestamp,
          step: 0,
        })),
        params: pairs(params),
      });
      const modelIds: string[] = [];
      if (modelName !== undefined) {
        const logged = { experiment_id: experimentId, name: modelName, source_run_id: runId };
        const { model } = await post("logged-models", logged);
        modelIds.push(model.info.model_id);
        await post("runs/outputs", { run_id: runId, models: [{ model_id: model.info.model_id, step: 0 }] });
      }
      await post("runs/update", { run_id: runId, status: "FINISHED", end_time: Date.now() });
      return { runId, modelIds };
    },
    createRegisteredModel: async (name, tags) => {
      await post("registered-models/create", { name, tags: pairs(tags) });
    },
    createModelVersion: async (name, runId, alias) => {
      const source = `runs:/${runId}/scaler`;
      const { model_version: made } = await post("model-versions/create", { name, source, run_id: runId });
      await post("registered-models/alias", { name, alias, version: made.version });
      return made.version;
    },
  };
}

/** The real adapter against a live object store, and a writer beside it. */
export function liveObjectStore({ s3, bucket }: LiveStack): ObjectStoreWorld {
  const { endpoint, region, accessKeyId, secretAccessKey } = s3;
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  return {
    store: createS3Store(s3),
    bucket,
    put: async (key, content) => {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: new TextEncoder().encode(content) }),
      );
    },
    delete: async (key) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
  };
}

function pairs<T>(record: Readonly<Record<string, T>>): { key: string; value: T }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}
