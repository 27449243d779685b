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

/** The pages that show what a run left, as far as it was found. */
export function mlflowLinks(
  { endpoints, bucket }: SeedTarget,
  run: MlflowRun | undefined,
  registeredModel: string | undefined,
): readonly Link[] {
  const links: Link[] = [];
  if (run !== undefined) {
    const url = `${endpoints.mlflow}/#/experiments/${run.experimentId}/runs/${run.runId}`;
    links.push({ title: "MLflow run", url });
  }
  if (registeredModel !== undefined) {
    const url = `${endpoints.mlflow}/#/models/${encodeURIComponent(registeredModel)}`;
    links.push({ title: "registered model", url });
  }
  links.push({ title: "bucket", url: `${endpoints.console}/browser/${bucket}` });
  return links;
}
