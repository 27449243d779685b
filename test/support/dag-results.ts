import type { LiveServices } from "./services.ts";

/** What the tasks of a DAG's latest run handed on, and how long they took, as Airflow's API tells. */
export interface DagResults {
  of<T>(taskId: string): Promise<T>;
  seconds(taskId: string): Promise<number>;
}

export async function latestResults({ airflow }: LiveServices, dagId: string): Promise<DagResults> {
  const { dag_runs: runs } = await airflow<{ dag_runs: { dag_run_id: string }[] }>(
    `dags/${dagId}/dagRuns?order_by=-run_after&limit=1`,
  );
  const run = `dags/${dagId}/dagRuns/${encodeURIComponent(runs[0]?.dag_run_id ?? "")}/taskInstances`;
  return {
    of: async <T>(taskId: string) =>
      (await airflow<{ value: T }>(`${run}/${taskId}/xcomEntries/return_value`)).value,
    seconds: async (taskId) => (await airflow<{ duration: number }>(`${run}/${taskId}`)).duration,
  };
}
