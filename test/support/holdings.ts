import { fileURLToPath } from "node:url";
import { objectChecksums } from "./bucket.ts";
import { output } from "./run.ts";
import { callServices, type LiveServices, type ServedStack } from "./services.ts";
import type { TestProject } from "./test-project.ts";

const printHoldings = fileURLToPath(new URL("print-holdings.ts", import.meta.url));

/**
 * Everything that a stack holds for its user and that has its final state, a line each: finished runs of DAGs and of
 * MLflow with all that was logged, tasks as they ended, models with their versions, objects with their checksums.
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
  const { registered_models: models = [] } = await mlflow<{ registered_models?: Model[] }>(
    "registered-models/search?max_results=1000",
  );
  const ended = dagRuns.filter(({ state }) => state === "success" || state === "failed");
  const tasks = await tasksOf(ended, airflow);
  return [
    ...ended.map((run) => `DAG run ${nameOf(run)} ${run.state}`),
    ...tasks.map((task) => {
      const { task_id: id, map_index: index, state, try_number: tries } = task;
      return `task ${nameOf(task)} ${id} ${index} ${state ?? "without a state"}, try ${tries}`;
    }),
    ...runs.filter(({ info }) => info.status !== "RUNNING").map((run) => `run ${JSON.stringify(run)}`),
    ...versions.map((version) => `model version ${describeVersion(version)}`),
    ...models.map(
      ({ name, description, tags }) => `model ${JSON.stringify([name, description, sorted(tags)])}`,
    ),
    // Not what it points to: a later run of the same DAG has it point to its own version.
    ...models.flatMap(({ name, aliases = [] }) => aliases.map(({ alias }) => `alias ${alias} of ${name}`)),
    ...[...(await objectChecksums(project))].map(([key, checksum]) => `object ${key} ${checksum}`),
  ];
}

/** What of `before` isn't there any more, or not as it was. */
export function lost(before: readonly string[], after: readonly string[]): readonly string[] {
  const there = new Set(after);
  return before.filter((line) => !there.has(line));
}

/** By run, and not all in pages: what is at work meanwhile would move others from one page to another. */
async function tasksOf(runs: readonly DagRun[], airflow: LiveServices["airflow"]): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  for (const { dag_id: dag, dag_run_id: id } of runs) {
    const path = `dags/${dag}/dagRuns/${encodeURIComponent(id)}/taskInstances?limit=100`;
    tasks.push(...(await airflow<{ task_instances: Task[] }>(path)).task_instances);
  }
  return tasks;
}

function nameOf({ dag_id: dag, dag_run_id: id }: Pick<DagRun, "dag_id" | "dag_run_id">): string {
  return `${dag} ${id}`;
}

/** All that someone gave it and that came of it, but for its aliases, which later versions take over. */
function describeVersion(version: ModelVersion): string {
  const { name, version: number, source, description, status, tags } = version;
  const { run_id: run, current_stage: stage, creation_timestamp: madeAt } = version;
  return JSON.stringify([name, number, source, run, description, status, stage, madeAt, sorted(tags)]);
}

/** The database gives them in any order. */
function sorted(tags: readonly Tag[] = []): readonly string[] {
  return tags.map(({ key, value }) => `${key}=${value}`).toSorted();
}

interface DagRun {
  readonly dag_id: string;
  readonly dag_run_id: string;
  readonly state: string;
}

interface Task extends Pick<DagRun, "dag_id" | "dag_run_id"> {
  readonly task_id: string;
  readonly map_index: number;
  readonly state: string | null;
  readonly try_number: number;
}

interface Tag {
  readonly key: string;
  readonly value: string;
}

interface Model {
  readonly name: string;
  readonly description?: string;
  readonly tags?: readonly Tag[];
  readonly aliases?: readonly { readonly alias: string }[];
}

interface Run {
  readonly info: { readonly status: string };
}

interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly run_id?: string;
  readonly description?: string;
  readonly status?: string;
  readonly current_stage?: string;
  readonly creation_timestamp?: number;
  readonly tags?: readonly Tag[];
}
