import { StackError } from "../../lib/errors.ts";
import { pollUntil } from "../../lib/poll.ts";
import { clockHint, tellsOfClocks } from "../clock-skew.ts";
import type { DagRun, TaskInstance } from "../service-ports.ts";
import { taskName } from "../task-name.ts";
import { airflowRunUrl } from "./links.ts";
import type { RunDeps, SeededRun } from "./seed-types.ts";

const POLL_MS = 400;
const LOG_LINES = 20;
// Airflow begins every log with where it comes from.
const isLogPath = /^\/\S+\.log$/u;

/** Runs a DAG and follows its tasks to the end. Throws DAG_RUN_FAILED with the task's last words, or WAIT_TIMEOUT. */
export async function runDag(
  deps: RunDeps,
  dagId: string,
  deadlineMs: number,
  conf: Readonly<Record<string, string>> = {},
): Promise<SeededRun> {
  const { airflow, signal } = deps;
  await airflow.unpause(dagId, signal);
  const { runId } = await airflow.trigger(dagId, signal, conf);
  return await followRun(deps, dagId, runId, deadlineMs);
}

/** Follows a run that has been started to its end, with the same errors. */
export async function followRun(
  deps: RunDeps,
  dagId: string,
  runId: string,
  deadlineMs: number,
): Promise<SeededRun> {
  const { airflow, clock, emit, signal } = deps;
  const id = `run:${dagId}`;
  const startedMs = clock.nowMs();
  emit({ kind: "step", id, status: "started", text: `Running ${dagId}`, detail: runId });

  const reportTasks = createTaskReporter(deps, dagId);
  let tasks: readonly TaskInstance[] = [];
  const run = await pollUntil(
    async () => {
      // The run first: once it has ended, the tasks that are read after it have their last state.
      const now = await airflow.dagRun(dagId, runId, signal);
      tasks = await airflow.taskInstances(dagId, runId, signal);
      reportTasks(tasks);
      return now.state === "success" || now.state === "failed" ? now : undefined;
    },
    {
      clock,
      intervalMs: POLL_MS,
      timeoutMs: Math.round(deadlineMs - startedMs),
      signal,
      describe: () => `${dagId} has not ended (${tasks.map(describeTask).join(", ")})`,
    },
  );

  const durationMs = Math.round(clock.nowMs() - startedMs);
  if (run.state === "failed") {
    emit({ kind: "step", id, status: "failed", text: `${dagId} failed`, elapsedMs: durationMs });
    throw await runFailed(deps, run, tasks);
  }
  emit({ kind: "step", id, status: "done", text: `${dagId} succeeded`, elapsedMs: durationMs });
  return {
    runId,
    state: run.state,
    durationMs,
    tasks: tasks.map(({ taskId, state }) => ({ taskId, state })),
  };
}

/** Emits a step for every task whose state has changed since the last call. */
function createTaskReporter(
  { emit, clock }: RunDeps,
  dagId: string,
): (tasks: readonly TaskInstance[]) => void {
  const states = new Map<string, string>();
  const startedMs = new Map<string, number>();
  return (tasks) => {
    for (const task of tasks) {
      const name = taskName(task);
      if (states.get(name) === task.state) continue;
      states.set(name, task.state);
      const status = stepStatus(task.state);
      if (status === undefined) continue;
      const firstMs = startedMs.get(name);
      if (firstMs === undefined) startedMs.set(name, clock.nowMs());
      // A task that has ended before it was seen at work took a time that nobody here knows.
      const elapsed = firstMs === undefined ? {} : { elapsedMs: Math.round(clock.nowMs() - firstMs) };
      emit({
        kind: "step",
        id: `task:${dagId}.${name}`,
        status,
        text: name,
        detail: task.state,
        ...elapsed,
      });
    }
  };
}

function stepStatus(state: string): "started" | "progress" | "done" | "failed" | undefined {
  switch (state) {
    case "none":
      return undefined;
    case "scheduled":
      return "started";
    case "success":
    case "skipped":
      return "done";
    case "failed":
    case "upstream_failed":
      return "failed";
    default:
      return "progress";
  }
}

function describeTask(task: TaskInstance): string {
  return `${taskName(task)}: ${task.state}`;
}

async function runFailed(deps: RunDeps, { dagId, runId }: DagRun, tasks: readonly TaskInstance[]) {
  const hint = `See ${airflowRunUrl(deps.target, dagId, runId)}.`;
  const failed = tasks.find(({ state }) => state === "failed");
  if (failed === undefined) {
    return new StackError(
      "DAG_RUN_FAILED",
      `${dagId} failed without a failed task (${tasks.map(describeTask).join(", ")}).`,
      {
        hint,
        facts: { dagId, runId },
      },
    );
  }
  const log = await deps.airflow.taskLog({ dagId, runId, ...failed }, deps.signal);
  const task = taskName(failed);
  const lines = log.slice(-LOG_LINES);
  const facts = { dagId, runId, task, log: lines };
  if (log.every((line) => isLogPath.test(line))) {
    const message = `Task ${task} of ${dagId} failed before it wrote anything.`;
    return new StackError("DAG_RUN_FAILED", message, {
      hint: `\`stack logs scheduler --since 10m\` shows what Airflow says of it. ${hint}`,
      facts,
    });
  }
  const isByClock = lines.some(tellsOfClocks);
  return new StackError("DAG_RUN_FAILED", `Task ${task} of ${dagId} failed: ${lines.at(-1)}.`, {
    hint: isByClock ? `${clockHint} ${hint}` : hint,
    facts,
  });
}
