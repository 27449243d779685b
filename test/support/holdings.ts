import { fileURLToPath } from "node:url";
import { objectChecksums } from "./bucket.ts";
import { output } from "./run.ts";
import { callServices, type ServedStack } from "./services.ts";
import type { TestProject } from "./test-project.ts";

const printHoldings = fileURLToPath(new URL("print-holdings.ts", import.meta.url));

/**
 * Everything that a stack holds for its user and that has its final state, a line each: finished runs of DAGs and of
 * MLflow with all that was logged, versions of models, objects with their checksums.
 */
export async function holdingsOf(project: TestProject): Promise<readonly string[]> {
  const { dir, enter, ports } = project;
  if (enter.length === 0) return await readHoldings(project);
  const [command, ...args] = [...enter, process.execPath, printHoldings, dir, JSON.stringify(ports)];
  return JSON.parse(await output(command, args)) as readonly string[];
}

/** The same of a stack whose ports answer right here. */
export async function readHoldings(project: ServedStack): Promise<readonly string[]> {
  const { airflow, mlflow } = await callServices(project);
  const { dag_runs: dagRuns } = await airflow<{ dag_runs: DagRun[] }>("dags/~/dagRuns?limit=100");
  const { experiments } = await mlflow<{ experiments: { experiment_id: string }[] }>("experiments/search", {
    max_results: 100,
  });
  const { runs = [] } = await mlflow<{ runs?: Run[] }>("runs/search", {
    experiment_ids: experiments.map((one) => one.experiment_id),
    max_results: 1000,
  });
  const { model_versions: versions = [] } = await mlflow<{ model_versions?: ModelVersion[] }>(
    "model-versions/search?max_results=1000",
  );
  return [
    ...dagRuns
      .filter(({ state }) => state === "success" || state === "failed")
      .map(({ dag_id: dag, dag_run_id: id, state }) => `DAG run ${dag} ${id} ${state}`),
    ...runs.filter(({ info }) => info.status !== "RUNNING").map((run) => `run ${JSON.stringify(run)}`),
    ...versions.map(({ name, version, source }) => `model ${name} ${version} ${source}`),
    ...[...(await objectChecksums(project))].map(([key, checksum]) => `object ${key} ${checksum}`),
  ];
}

/** What of `before` isn't there any more, or not as it was. */
export function lost(before: readonly string[], after: readonly string[]): readonly string[] {
  const there = new Set(after);
  return before.filter((line) => !there.has(line));
}

interface DagRun {
  readonly dag_id: string;
  readonly dag_run_id: string;
  readonly state: string;
}

interface Run {
  readonly info: { readonly status: string };
}

interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly source: string;
}
