import { filterText } from "../../lib/filter-text.ts";
import type { Experiment, MlflowRun } from "../service-ports.ts";
import type { SeedDeps } from "./seed-types.ts";

/** The key that an artifact URI means in the bucket; undefined when it lies elsewhere. */
export function keyFromArtifactUri(uri: string, bucket: string): string | undefined {
  // MLflow's server keeps what it is handed itself at the top of the same bucket.
  const prefix = [`s3://${bucket}/`, "mlflow-artifacts:/"].find((start) => uri.startsWith(start));
  if (prefix !== undefined) return uri.slice(prefix.length).replace(/\/$/u, "");
  return uri === `s3://${bucket}` ? "" : undefined;
}

/**
 * The MLflow run of this name that a DAG run left, whatever its status. The newest, since a task that was cleared in
 * Airflow makes another run.
 */
export async function findRun(
  { mlflow, signal }: SeedDeps,
  { experimentId }: Experiment,
  wanted: { readonly dagId: string; readonly runId: string; readonly name: string },
): Promise<MlflowRun | undefined> {
  const { dagId, runId } = wanted;
  const filter = `tags.\`airflow.run_id\` = ${filterText(runId)} and tags.\`airflow.dag_id\` = ${filterText(dagId)}`;
  const runs = await mlflow.runs({ experimentIds: [experimentId], filter }, signal);
  return runs.find(({ name }) => name === wanted.name);
}
