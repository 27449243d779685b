import { explainByMachine, isEngineGone } from "./explain-by-machine.ts";
import { createFullDiskFinder } from "./full-disk.ts";
import { isFailed, judgeServices } from "./health.ts";
import { createIncidents, isTrouble, type Incidents } from "./incidents.ts";
import { serviceError } from "./service-error.ts";
import type { ServiceTarget } from "./service-target.ts";
import type { Clock } from "../lib/clock.ts";
import { StackError } from "../lib/errors.ts";
import type { ContainerEvent } from "./engine-streams.ts";
import type { Emit } from "./events.ts";
import type { Engine, System } from "./ports.ts";

export interface GuardDeps {
  readonly engine: Engine;
  readonly system: System;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Does `work` as long as every service is well. The first that dies or turns unhealthy is named at once and ends
 * it: throws SERVICE_UNHEALTHY with its last words, also in place of an error of `work` that it explains. One that
 * died and was started again by someone is told, and ends nothing by itself. An engine that goes away ends the work as
 * ENGINE_UNREACHABLE, and a disk of it that runs full as DISK_FULL, which also takes the place of what came of that.
 */
export async function guardServices<T>(
  target: ServiceTarget,
  deps: GuardDeps,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const incidents = createIncidents();
  const stop = new AbortController();
  let failure: StackError | undefined;
  const endWith = (error: StackError | undefined): void => {
    failure ??= error;
    if (failure !== undefined) stop.abort(failure);
  };
  const noteLoss = (error: unknown): void => {
    if (isEngineGone(error)) endWith(error);
  };
  const look = async (): Promise<void> => {
    endWith(await findFailure(target, incidents, deps));
  };

  const looks: Promise<void>[] = [];
  const endings: ContainerEvent[] = [];
  const ends = AbortSignal.any([deps.signal, stop.signal]);
  const watching = deps.engine.watch(
    target.project,
    (event) => {
      const note = incidents.note(event);
      if (note !== undefined) deps.emit(note);
      if (isEnd(event) && !target.oneShots.includes(event.service)) endings.push(event);
      const last = endings.findLast(({ containerId }) => containerId === event.containerId);
      if (event.kind === "started" && last !== undefined) {
        deps.emit({ kind: "note", level: "warning", text: `${event.service} ${describeEnd(last)}` });
      }
      if (isTrouble(event)) looks.push(look().catch(noteLoss));
    },
    ends,
  );
  const findFullDisk = createFullDiskFinder(deps);
  const watchDisk = async (): Promise<void> => {
    while (!ends.aborted) {
      const full = await findFullDisk();
      if (full !== undefined && failure === undefined)
        deps.emit({ kind: "step", id: "disk", status: "failed", text: full.message });
      endWith(full);
      await deps.clock.sleep(diskEveryMs, ends);
    }
  };
  const watched = Promise.all([watching.catch(noteLoss), watchDisk().catch(noteLoss)]);
  try {
    return await work(ends);
  } catch (error) {
    // A call to a dead service fails before the engine has told of the death.
    if (!deps.signal.aborted && failure === undefined) await look().catch(noteLoss);
    const explained = await explainByMachine(failure ?? error, deps);
    const isUnexplained = failure === undefined && explained === error;
    throw isUnexplained ? explainByEnd(error, endings.at(-1)) : explained;
  } finally {
    stop.abort();
    await Promise.all([watched, ...looks]);
  }
}

const diskEveryMs = 500;

/** Tells of it in the moment it is found: what was being done may take its time to end. */
async function findFailure(
  { project, services, oneShots }: ServiceTarget,
  incidents: Incidents,
  { engine, emit }: GuardDeps,
): Promise<StackError | undefined> {
  const failed = judgeServices(services, oneShots, await engine.containers(project)).find(isFailed);
  if (failed === undefined) return undefined;
  const error = await serviceError(failed, engine, incidents.historyOf(failed.container?.id ?? ""));
  emit({ kind: "step", id: `service:${failed.service}`, status: "failed", text: error.message });
  return error;
}

const sigkill = 9;
// SIGINT, SIGQUIT, SIGTERM and that: with one of them the engine stops a container.
const stopSignals: ReadonlySet<number | undefined> = new Set([2, 3, 15, sigkill]);

function isEnd({ kind, signal }: ContainerEvent): boolean {
  return kind === "died" || (kind === "signalled" && stopSignals.has(signal));
}

function describeEnd({ kind, exitCode, signal }: ContainerEvent): string {
  if (kind === "died") return `ended (exit code ${exitCode ?? "unknown"}) and was started again`;
  return signal === sigkill
    ? "was killed from outside (SIGKILL)"
    : `was told to stop (signal ${signal ?? "unknown"})`;
}

/**
 * The error of work among services of which one ended and isn't found dead: it runs again, or it has closed its
 * connections and not ended yet.
 */
function explainByEnd(error: unknown, end: ContainerEvent | undefined): unknown {
  if (end === undefined || !(error instanceof StackError) || error.code === "INTERRUPTED") return error;
  const { service, exitCode } = end;
  return new StackError(
    "SERVICE_UNHEALTHY",
    `The service ${service} ${describeEnd(end)} while this was at work, which failed: ${error.message}`,
    {
      cause: error,
      hint: "Run `stack up`, which waits until all is well, and the command again.",
      facts: { ...error.facts, service, ...(exitCode === undefined ? {} : { exitCode }) },
    },
  );
}
