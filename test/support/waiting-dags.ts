import { mkdir, writeFile } from "node:fs/promises";
import { triggerRun, type LiveRun } from "./dag-run.ts";
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

export interface WaitingRun extends Pick<LiveRun, "state"> {
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
      const { state, tries } = await triggerRun(await services(), dag);
      return { state, tries: async () => await tries("work") };
    },
    release: async (dag) => {
      await writeFile(project.path("include", dag), "");
    },
  };
}
