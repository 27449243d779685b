import type { Clock } from "../lib/clock.ts";
import { StackError } from "../lib/errors.ts";
import type { Engine } from "./ports.ts";
import type { ProbeResult } from "./probes/probe-types.ts";
import type { Airflow, TaskInstance } from "./service-ports.ts";
import { taskName } from "./task-name.ts";

export interface PauseResult {
  readonly project: string;
  /** Services that were frozen by this call; those that already were don't count. */
  readonly paused: readonly string[];
}

/** Freezes the containers that run. Throws STACK_NOT_RUNNING when there is none. */
export async function pauseStack(
  project: string,
  engine: Engine,
  signal?: AbortSignal,
): Promise<PauseResult> {
  const containers = await engine.containers(project);
  const running = containers.filter(({ state }) => state === "running");
  if (running.length === 0 && !containers.some(({ state }) => state === "paused")) {
    throw new StackError(
      "STACK_NOT_RUNNING",
      `There is nothing to pause: the stack ${project} is not running.`,
      {
        hint: "Start it with `stack up`.",
      },
    );
  }
  signal?.throwIfAborted();
  await engine.pause(running.map(({ id }) => id));
  return { project, paused: running.map(({ service }) => service) };
}

/** Thaws the containers that are frozen; returns their services. */
export async function thaw(project: string, engine: Engine): Promise<readonly string[]> {
  const paused = (await engine.containers(project)).filter(({ state }) => state === "paused");
  await engine.unpause(paused.map(({ id }) => id));
  return paused.map(({ service }) => service);
}

/** What became of a task that was at work when the stack was paused. */
export interface ResumedTask {
  readonly dagId: string;
  readonly runId: string;
  /** A copy of a mapped task is `task[3]`. */
  readonly taskId: string;
  /** "was retried": another try of it has begun, whether it still runs or has succeeded. */
  readonly fate: "goes on" | "will be retried" | "was retried" | "ended" | "failed";
}

export interface ResumeResult {
  readonly project: string;
  /** Services that were thawed. */
  readonly resumed: readonly string[];
  readonly probes: readonly ProbeResult[];
  /** From the call to a stack that has been probed. */
  readonly elapsedMs: number;
  /** What became of tasks that were at work. */
  readonly tasks: readonly ResumedTask[];
}

const lookAgainEveryMs = 500;
// The scheduler looks for tasks whose heartbeat has aged every ten seconds; a pause that Airflow holds against a
// task shows within one such round.
const watchForMs = 12_000;

/**
 * Watches the tasks that are at work until it is clear what Airflow makes of the pause. Without such a task it
 * returns at once.
 */
export async function followTasks(
  airflow: Airflow,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly ResumedTask[]> {
  const before = await tasksAtWork(airflow, signal);
  const startedMs = clock.nowMs();
  let fates = before.map((task) => resumed(task, "goes on"));
  while (fates.some(({ fate }) => fate === "goes on") && clock.nowMs() - startedMs < watchForMs) {
    await clock.sleep(lookAgainEveryMs, signal);
    fates = await Promise.all(before.map(async (task) => resumed(task, await fateOf(task, airflow, signal))));
  }
  return fates;
}

/** A task, and the try that was at work. */
interface TaskAtWork extends TaskInstance, Pick<ResumedTask, "dagId" | "runId"> {}

function resumed({ dagId, runId, ...task }: TaskAtWork, fate: ResumedTask["fate"]): ResumedTask {
  return { dagId, runId, taskId: taskName(task), fate };
}

async function tasksAtWork(airflow: Airflow, signal: AbortSignal): Promise<readonly TaskAtWork[]> {
  const runs = (await airflow.latestRuns(50, signal)).filter(({ state }) => state === "running");
  const tasks = await Promise.all(
    runs.map(async ({ dagId, runId }) =>
      (await airflow.taskInstances(dagId, runId, signal))
        .filter(({ state }) => state === "running")
        .map((task): TaskAtWork => ({ ...task, dagId, runId })),
    ),
  );
  return tasks.flat();
}

async function fateOf(
  before: TaskAtWork,
  airflow: Airflow,
  signal: AbortSignal,
): Promise<ResumedTask["fate"]> {
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
