import { mkdir, writeFile } from "node:fs/promises";
import type { LiveServices } from "./services.ts";
import type { TestProject } from "./test-project.ts";

/** DAGs of one task each, and how often it may be tried again: `quick` ends at once, the others when they are told. */
const dags = { quick: 0, patient: 1, steady: 0, silent: 1, last: 0 };
type DagName = keyof typeof dags;

const text = `from datetime import timedelta
from pathlib import Path
from time import sleep

from airflow.sdk import dag, task


def make(name, retries):
    @dag(dag_id=name, schedule=None, is_paused_upon_creation=False)
    def one():
        @task(retries=retries, retry_delay=timedelta(0))
        def work():
            while name != "quick" and not Path("/opt/airflow/include", name).exists():
                sleep(0.1)

        work()

    one()


${Object.entries(dags)
  .map(([name, retries]) => `make("${name}", ${retries})`)
  .join("\n")}
`;

export const patienceMs = 12_000;

/** For stack.yaml. Airflow gives a task up that hasn't shown itself for 300 s; here nobody waits that long. */
export const patienceSetting = `env:
  airflow:
    AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT: ${patienceMs / 1000}
    AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL: 2
`;

export interface WaitingRun {
  /** "running", "success", "failed". */
  state(): Promise<string>;
  /** How each try of its task fares, oldest first. */
  tries(): Promise<readonly string[]>;
}

export interface WaitingDags {
  trigger(dag: DagName): Promise<WaitingRun>;
  /** Lets the task of such a DAG end well. */
  release(dag: DagName): Promise<void>;
}

/** Writes the file with the DAGs; to be called before the stack starts. */
export async function placeWaitingDags(
  project: TestProject,
  services: () => Promise<LiveServices>,
): Promise<WaitingDags> {
  await Promise.all(
    ["dags", "include"].map(async (folder) => await mkdir(project.path(folder), { recursive: true })),
  );
  await writeFile(project.path("dags", "waiting.py"), text);
  return {
    trigger: async (dag) => {
      const { airflow } = await services();
      const body = JSON.stringify({ logical_date: null });
      const { dag_run_id: runId } = await airflow<{ dag_run_id: string }>(`dags/${dag}/dagRuns`, {
        method: "POST",
        body,
      });
      const path = `dags/${dag}/dagRuns/${encodeURIComponent(runId)}`;
      return {
        state: async () => (await airflow<{ state: string }>(path)).state,
        tries: async () => {
          const answer = await airflow<Tries>(`${path}/taskInstances/work/tries`);
          return answer.task_instances
            .toSorted((a, b) => a.try_number - b.try_number)
            .map(({ state }) => state ?? "none");
        },
      };
    },
    release: async (dag) => {
      await writeFile(project.path("include", dag), "");
    },
  };
}

interface Tries {
  readonly task_instances: readonly { readonly try_number: number; readonly state: string | null }[];
}
