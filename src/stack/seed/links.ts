import type { MlflowRun } from "../service-ports.ts";
import type { Link, SeedTarget } from "./seed-types.ts";

/** The page of a DAG run in Airflow. */
export function airflowRunUrl(
  { endpoints, line }: Pick<SeedTarget, "endpoints" | "line">,
  dagId: string,
  runId: string,
): string {
  const dag = `${endpoints.airflow}/dags/${encodeURIComponent(dagId)}`;
  const run = encodeURIComponent(runId);
  return line === "classic" ? `${dag}/grid?dag_run_id=${run}` : `${dag}/runs/${run}`;
}

/** The pages that show what a run left in MLflow, as far as it was found. */
export function mlflowLinks(
  { endpoints, mlflow }: Pick<SeedTarget, "endpoints" | "mlflow">,
  run: MlflowRun | undefined,
  registeredModel: string | undefined,
): readonly Link[] {
  // Databricks has MLflow's pages below one of its own.
  const pages = mlflow?.mode === "databricks" ? `${endpoints.mlflow}/ml` : `${endpoints.mlflow}/#`;
  const links: Link[] = [];
  if (run !== undefined) {
    const url = `${pages}/experiments/${run.experimentId}/runs/${run.runId}`;
    links.push({ title: "MLflow run", url });
  }
  if (registeredModel !== undefined) {
    const url = `${pages}/models/${encodeURIComponent(registeredModel)}`;
    links.push({ title: "registered model", url });
  }
  return links;
}

/** The page of the stack's own bucket. */
export function bucketLink({ endpoints, bucket }: Pick<SeedTarget, "endpoints" | "bucket">): Link {
  return { title: "bucket", url: `${endpoints.console}/browser/${bucket}` };
}
