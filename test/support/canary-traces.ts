import { objectKeys } from "./bucket.ts";
import { layoutFacts, usualLayout } from "./layouts.ts";
import { output } from "./run.ts";
import { callServices } from "./services.ts";
import type { TestProject } from "./test-project.ts";

/** What is left of the pipeline of `stack prove`, wherever it leaves something while it runs. */
export async function canaryTraces(project: TestProject): Promise<readonly string[]> {
  const { airflow, mlflow } = await callServices(project);
  const { dags } = await airflow<{ dags: { dag_id: string }[] }>("dags?limit=100&exclude_stale=false");
  const { experiments } = await mlflow<{ experiments: { name: string }[] }>("experiments/search", {
    max_results: 100,
    view_type: "ALL",
  });
  const find = ["find", "/opt/airflow/data/.stack-dags", "/opt/airflow/logs", "/tmp", "-name", "*canary*"];
  const container = await project.containerOf(layoutFacts[usualLayout].scheduler);
  const files = await output("docker", ["exec", container, ...find]);
  return [
    ...dags.map(({ dag_id: id }) => `DAG ${id}`),
    ...experiments.map(({ name }) => `experiment ${name}`),
    ...(await objectKeys(project, "stack-canary/")).map((key) => `object ${key}`),
    ...files.split("\n").map((path) => `file ${path}`),
  ].filter((trace) => trace.includes("canary"));
}
