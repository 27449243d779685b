import type { Clock } from "../lib/clock.ts";
import { StackError } from "../lib/errors.ts";
import type { Engine } from "./ports.ts";
import type { ProbeResult } from "./probes/probe-types.ts";
import type { Airflow } from "./service-ports.ts";

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
  readonly taskId: string;
  readonly fate: "goes on" | "will be retried" | "ended" | "failed";
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
  const before = await runningTasks(airflow, signal);
  const startedMs = clock.nowMs();
  let fates = before;
  while (fates.some(({ fate }) => fate === "goes on") && clock.nowMs() - startedMs < watchForMs) {
    await clock.sleep(lookAgainEveryMs, signal);
    fates = await Promise.all(
      before.map(async (task) => ({ ...task, fate: await fateOf(task, airflow, signal) })),
    );
  }
  return fates;
}

async function runningTasks(airflow: Airflow, signal: AbortSignal): Promise<readonly ResumedTask[]> {
  const runs = (await airflow.latestRuns(50, signal)).filter(({ state }) => state === "running");
  const tasks = await Promise.all(
    runs.map(async ({ dagId, runId }) =>
      (await airflow.taskInstances(dagId, runId, signal))
        .filter(({ state }) => state === "running")
        .map(({ taskId }): ResumedTask => ({ dagId, runId, taskId, fate: "goes on" })),
    ),
  );
  return tasks.flat();
}

async function fateOf(
  { dagId, runId, taskId }: ResumedTask,
  airflow: Airflow,
  signal: AbortSignal,
): Promise<ResumedTask["fate"]> {
  const tasks = await airflow.taskInstances(dagId, runId, signal);
  switch (tasks.find((task) => task.taskId === taskId)?.state ?? "none") {
    case "running":
      return "goes on";
    case "success":
    case "skipped":
      return "ended";
    case "failed":
    case "upstream_failed":
      return "failed";
    default:
      return "will be retried";
  }
}
