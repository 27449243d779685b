import type { Clock } from "../lib/clock.ts";
import { StackError } from "../lib/errors.ts";
import type { ProjectFiles } from "./ports.ts";
import type { Airflow, DagRun, TaskTry } from "./service-ports.ts";
import { readState, writeState } from "./stack-folder.ts";

/** So many of the newest runs are searched for tasks at work. */
export const runsToSearch = 50;

/** The tasks of these runs that are running. */
export async function tasksAtWork(
  runs: readonly DagRun[],
  airflow: Airflow,
  signal: AbortSignal,
): Promise<readonly TaskTry[]> {
  const tasks = await Promise.all(
    runs
      .filter(({ state }) => state === "running")
      .map(async ({ dagId, runId }) =>
        (await airflow.taskInstances(dagId, runId, signal))
          .filter(({ state }) => state === "running")
          .map(({ taskId, mapIndex, tryNumber }): TaskTry => ({ dagId, runId, taskId, mapIndex, tryNumber })),
      ),
  );
  return tasks.flat();
}

export interface AskDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A client for Airflow; may throw, where there are no secrets to call it with. */
  readonly connect: () => Promise<Airflow>;
}

// Many times what the answer takes; a pause is not held up for longer by an Airflow that is ill.
const longestAskMs = 2000;

/** The tasks at work before a pause; none when Airflow doesn't say, which must not keep the stack from being paused. */
export async function askAtWork({ clock, signal, connect }: AskDeps): Promise<readonly TaskTry[]> {
  const stop = new AbortController();
  const ends = AbortSignal.any([signal, stop.signal]);
  const ask = async (): Promise<readonly TaskTry[]> => {
    try {
      const airflow = await connect();
      return await tasksAtWork(await airflow.latestRuns(runsToSearch, ends), airflow, ends);
    } catch (error) {
      if (error instanceof StackError) return [];
      throw error;
    }
  };
  const giveUp = async (): Promise<readonly TaskTry[]> => {
    await clock.sleep(longestAskMs, ends);
    return [];
  };
  try {
    return await Promise.race([ask(), giveUp()]);
  } finally {
    stop.abort();
  }
}

/** Keeps what `resume` is to tell the fates of; none once it has. */
export async function noteAtWork(files: ProjectFiles, tasks: readonly TaskTry[]): Promise<void> {
  const state = await readState(files);
  if (state === undefined) return;
  const atWork = tasks.length === 0 ? undefined : tasks;
  // A full disk must not keep a stack from being paused or resumed.
  await writeState(files, { ...state, atWork }).catch(() => undefined);
}
