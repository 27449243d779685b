import type { Link, SeedTarget } from "./seed-types.ts";
import type { TutorialEvidence } from "./tutorial-evidence.ts";

/** The page of a DAG run in Airflow. */
export function airflowRunUrl(
  { endpoints }: Pick<SeedTarget, "endpoints">,
  dagId: string,
  runId: string,
): string {
  return `${endpoints.airflow}/dags/${encodeURIComponent(dagId)}/runs/${encodeURIComponent(runId)}`;
}

/** The pages that show what the tutorial left, as far as it was found. */
export function tutorialLinks(target: SeedTarget, evidence: TutorialEvidence): readonly Link[] {
  const { endpoints, bucket, mlflow } = target;
  // Databricks has MLflow's pages below one of its own.
  const pages = mlflow?.mode === "databricks" ? `${endpoints.mlflow}/ml` : `${endpoints.mlflow}/#`;
  const { run, registeredModel } = evidence;
  const links: Link[] = [];
  if (run !== undefined) {
    const url = `${pages}/experiments/${run.experimentId}/runs/${run.runId}`;
    links.push({ title: "MLflow run", url });
  }
  if (registeredModel !== undefined) {
    const url = `${pages}/models/${encodeURIComponent(registeredModel.name)}`;
    links.push({ title: "registered model", url });
  }
  if (mlflow === undefined) links.push({ title: "bucket", url: `${endpoints.console}/browser/${bucket}` });
  return links;
}
