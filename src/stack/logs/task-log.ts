import type { Clock } from "../../lib/clock.ts";
import { StackError } from "../../lib/errors.ts";
import type { Airflow, DagRun, TaskInstance } from "../service-ports.ts";
import { taskName } from "../task-name.ts";

export interface TaskQuery {
  readonly dagId: string;
  /** A copy of a mapped task is meant by `task[3]`. */
  readonly task: string;
  /** Undefined for the newest run. */
  readonly runId: string | undefined;
  /** Undefined for the last try. */
  readonly tryNumber: number | undefined;
  readonly tail: number | undefined;
  readonly follow: boolean;
}

export interface TaskLine {
  readonly dagId: string;
  readonly runId: string;
  readonly task: string;
  readonly tryNumber: number;
  readonly text: string;
}

export interface TaskLogDeps {
  readonly airflow: Airflow;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLine: (line: TaskLine) => void;
}

const lookAgainEveryMs = 1000;
const atWork = new Set(["running", "queued", "scheduled", "none", "up_for_retry", "deferred", "restarting"]);

/**
 * What a try of a task wrote, from Airflow; with `follow` until the task has ended. Throws USAGE for an unknown
 * DAG, run, task or try, AIRFLOW_REFUSED when Airflow doesn't answer.
 */
export async function readTaskLog(query: TaskQuery, deps: TaskLogDeps): Promise<void> {
  const { airflow, clock, signal, onLine } = deps;
  const { dagId } = query;
  const { runId } = await findRun(query, deps);
  let shown: number | undefined;
  for (;;) {
    const task = await findTask(query, runId, deps);
    const tryNumber = query.tryNumber ?? task.tryNumber;
    const hasBegun = tryNumber > 0 && tryNumber <= task.tryNumber;
    if (!hasBegun && !query.follow) throw notBegun(query, task);
    const lines = hasBegun ? await airflow.taskLog({ ...task, dagId, runId, tryNumber }, signal) : [];
    shown ??= hasBegun && query.tail !== undefined ? Math.max(0, lines.length - query.tail) : 0;
    for (const text of lines.slice(shown)) onLine({ dagId, runId, task: query.task, tryNumber, text });
    shown = Math.max(shown, lines.length);
    if (!query.follow || !atWork.has(task.state)) return;
    await clock.sleep(lookAgainEveryMs, signal);
  }
}

async function findRun({ dagId, runId }: TaskQuery, { airflow, signal }: TaskLogDeps): Promise<DagRun> {
  if ((await airflow.dag(dagId, signal)) === undefined) {
    const known = (await airflow.dags(signal)).map((dag) => dag.dagId);
    throw unknown(`Airflow has no DAG named "${dagId}".`, known, "`stack seed` brings one");
  }
  const runs = await airflow.latestRuns(100, signal, dagId);
  const found = runId === undefined ? runs[0] : runs.find((run) => run.runId === runId);
  if (found !== undefined) return found;
  const message =
    runId === undefined ? `${dagId} has not been run yet.` : `${dagId} has no run named "${runId}".`;
  throw unknown(
    message,
    runs.map((run) => run.runId),
    `run it with \`stack seed ${dagId}\``,
  );
}

async function findTask(
  { dagId, task }: TaskQuery,
  runId: string,
  { airflow, signal }: TaskLogDeps,
): Promise<TaskInstance> {
  const tasks = await airflow.taskInstances(dagId, runId, signal);
  const names = tasks.map(taskName);
  const found = tasks[names.indexOf(task)];
  if (found === undefined)
    throw unknown(`${dagId} has no task named "${task}".`, names, "see `stack status`");
  return found;
}

function notBegun(
  { dagId, task, tryNumber }: TaskQuery,
  { state, tryNumber: last }: TaskInstance,
): StackError {
  const message =
    tryNumber === undefined
      ? `${task} of ${dagId} has not begun yet (${state}).`
      : `${task} of ${dagId} has had ${last} tries, and no try ${tryNumber}.`;
  return new StackError("USAGE", message, {
    hint: `Wait for it: \`stack logs --follow --task ${dagId} ${task}\``,
  });
}

const mostNamed = 10;

function unknown(message: string, known: readonly string[], otherwise: string): StackError {
  const names = known.slice(0, mostNamed).join(", ");
  return new StackError("USAGE", message, {
    hint: known.length === 0 ? `There is none yet: ${otherwise}.` : `There are ${names}.`,
  });
}
