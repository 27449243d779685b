import type { Clock } from "../lib/clock.ts";
import { StackError } from "../lib/errors.ts";
import type { Emit } from "./events.ts";
import type { ResumedTask, ResumeResult } from "./pause.ts";
import type { Airflow, TaskTry } from "./service-ports.ts";
import { taskName } from "./task-name.ts";
import { runsToSearch, tasksAtWork } from "./tasks-at-work.ts";

const lookAgainEveryMs = 500;
// The scheduler looks for tasks whose heartbeat has aged every ten seconds; a pause that Airflow holds against a
// task shows within one such round.
const watchForMs = 12_000;

export interface FollowDeps {
  readonly airflow: Airflow;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Watches the tasks that were noted, and others that are at work, until it is clear what Airflow makes of the pause.
 * Without such a task it returns at once; with one it says first that the stack is back.
 */
export async function followTasks(
  noted: readonly TaskTry[],
  backAfterMs: number,
  { airflow, clock, emit, signal }: FollowDeps,
): Promise<Pick<ResumeResult, "tasks" | "watchedMs">> {
  const startedMs = clock.nowMs();
  const elapsedMs = (): number => Math.round(clock.nowMs() - startedMs);
  const followed = await tasksToFollow(noted, airflow, signal);
  if (followed.length === 0) return { tasks: [], watchedMs: 0 };
  const back = "all is back and checked";
  emit({ kind: "step", id: "resume", status: "done", text: back, elapsedMs: backAfterMs });
  const step = { kind: "step", id: "tasks", text: `tasks that were at work: ${followed.length}` } as const;
  emit({ ...step, status: "started", detail: "watching what becomes of them" });
  const look = async (): Promise<readonly ResumedTask[]> =>
    await Promise.all(followed.map(async (task) => resumed(task, await fateOf(task, airflow, signal))));
  let tasks = await look();
  while (tasks.some(({ fate }) => fate === "goes on") && elapsedMs() < watchForMs) {
    await clock.sleep(lookAgainEveryMs, signal);
    tasks = await look();
  }
  emit({ ...step, status: "done", detail: "watched", elapsedMs: elapsedMs() });
  return { tasks, watchedMs: elapsedMs() };
}

function resumed({ dagId, runId, ...task }: TaskTry, fate: ResumedTask["fate"]): ResumedTask {
  return { dagId, runId, taskId: taskName(task), fate };
}

async function tasksToFollow(
  noted: readonly TaskTry[],
  airflow: Airflow,
  signal: AbortSignal,
): Promise<readonly TaskTry[]> {
  const stillThere = await Promise.all(noted.map(async (task) => await isThere(task, airflow, signal)));
  const known = noted.filter((_, index) => stillThere[index]);
  const isKnown = (task: TaskTry): boolean =>
    known.some(
      (one) => one.dagId === task.dagId && one.runId === task.runId && taskName(one) === taskName(task),
    );
  const runs = await airflow.latestRuns(runsToSearch, signal);
  // A task may have begun between the note and the pause.
  const others = (await tasksAtWork(runs, airflow, signal)).filter((task) => !isKnown(task));
  return [...known, ...others];
}

/** Nobody can delete a run while Airflow is frozen: where one is gone, the note is older than that. */
async function isThere({ dagId, runId }: TaskTry, airflow: Airflow, signal: AbortSignal): Promise<boolean> {
  try {
    await airflow.dagRun(dagId, runId, signal);
    return true;
  } catch (error) {
    if (error instanceof StackError && error.facts["status"] === 404) return false;
    throw error;
  }
}

async function fateOf(before: TaskTry, airflow: Airflow, signal: AbortSignal): Promise<ResumedTask["fate"]> {
  const tasks = await airflow.taskInstances(before.dagId, before.runId, signal);
  const now = tasks.find((task) => taskName(task) === taskName(before));
  const isSameTry = now === undefined || now.tryNumber <= before.tryNumber;
  switch (now?.state ?? "none") {
    case "failed":
    case "upstream_failed":
      return "failed";
    case "success":
    case "skipped":
      return isSameTry ? "ended" : "was retried";
    case "running":
    // A task that has handed its waiting over is in the same try.
    case "deferred":
    case "up_for_reschedule":
      return isSameTry ? "goes on" : "was retried";
    default:
      return "will be retried";
  }
}
