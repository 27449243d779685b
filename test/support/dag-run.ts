import type { LiveServices } from "./services.ts";

/** A run of a DAG, as Airflow's API tells. */
export interface LiveRun {
  /** "running", "success", "failed". */
  state(): Promise<string>;
  /** How each try of a task fares, oldest first. */
  tries(taskId: string): Promise<readonly string[]>;
  /** Each task and each copy of a mapped one ("squares 0"): its state, and its tries so far. */
  tasks(): Promise<Readonly<Record<string, string>>>;
  /** What a task handed on. */
  result(taskId: string): Promise<unknown>;
}

interface TaskInstances {
  readonly task_instances: readonly {
    readonly task_id: string;
    readonly map_index: number;
    readonly try_number: number;
    readonly state: string | null;
  }[];
}

/** Triggers a DAG; throws when Airflow doesn't know it. */
export async function triggerRun({ airflow }: LiveServices, dagId: string): Promise<LiveRun> {
  const body = JSON.stringify({ logical_date: null });
  const { dag_run_id: runId } = await airflow<{ dag_run_id: string }>(`dags/${dagId}/dagRuns`, {
    method: "POST",
    body,
  });
  const path = `dags/${dagId}/dagRuns/${encodeURIComponent(runId)}`;
  return {
    state: async () => (await airflow<{ state: string }>(path)).state,
    tries: async (taskId) => {
      const answer = await airflow<TaskInstances>(`${path}/taskInstances/${taskId}/tries`);
      return answer.task_instances
        .toSorted((a, b) => a.try_number - b.try_number)
        .map(({ state }) => state ?? "none");
    },
    tasks: async () => {
      const answer = await airflow<TaskInstances>(`${path}/taskInstances?limit=100`);
      return Object.fromEntries(
        answer.task_instances.map(({ task_id: id, map_index: index, try_number: tries, state }) => [
          index < 0 ? id : `${id} ${index}`,
          `${state ?? "none"}, tries: ${tries}`,
        ]),
      );
    },
    result: async (taskId) =>
      (await airflow<{ value: unknown }>(`${path}/taskInstances/${taskId}/xcomEntries/return_value`)).value,
  };
}
