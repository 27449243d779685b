import { StackError } from "../lib/errors.ts";
import type { Engine } from "./ports.ts";
import type { ProbeResult } from "./probes/probe-types.ts";

export interface PauseResult {
  readonly project: string;
  /** Services that were frozen by this call; those that already were don't count. */
  readonly paused: readonly string[];
}

/** Freezes the containers that run, after `prepare` with their services. Throws STACK_NOT_RUNNING when there is none. */
export async function pauseStack(
  project: string,
  engine: Engine,
  signal?: AbortSignal,
  prepare?: (services: readonly string[]) => Promise<void>,
): Promise<PauseResult> {
  const containers = await engine.containers(project);
  const running = containers.filter(({ state }) => state === "running");
  const services = running.map(({ service }) => service);
  if (running.length === 0 && !containers.some(({ state }) => state === "paused")) {
    throw new StackError(
      "STACK_NOT_RUNNING",
      `There is nothing to pause: the stack ${project} is not running.`,
      {
        hint: "Start it with `stack up`.",
      },
    );
  }
  await prepare?.(services);
  signal?.throwIfAborted();
  await engine.pause(running.map(({ id }) => id));
  return { project, paused: services };
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
  /** After `elapsedMs`, for which tasks were watched; 0 when none was at work. */
  readonly watchedMs: number;
}
