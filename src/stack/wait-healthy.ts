import { createBell } from "../lib/bell.ts";
import type { Clock } from "../lib/clock.ts";
import { StackError } from "../lib/errors.ts";
import { pollUntil } from "../lib/poll.ts";
import type { Emit } from "./events.ts";
import { findComponentLoop } from "./component-loop.ts";
import { isFailed, isWell, judgeServices, type ServiceHealth } from "./health.ts";
import { createIncidents, isTrouble, type Incidents } from "./incidents.ts";
import { createLostFinder, isOld } from "./find-lost.ts";
import { createFullDiskFinder } from "./full-disk.ts";
import type { ContainerObservation, Engine, System } from "./ports.ts";
import { explainTimeout, serviceError } from "./service-error.ts";
import type { ServiceTarget } from "./service-target.ts";

export interface WaitDeps {
  readonly engine: Engine;
  readonly system: System;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface WaitTarget extends ServiceTarget {
  /** Containers as they were before anything was started: how these are isn't news until `start` is through. */
  readonly before: readonly ContainerObservation[];
  readonly timeoutMs: number;
  /** For who wants to know of a wait that fails, too: is filled with when each service was first seen healthy. */
  readonly healthyAtMs?: Map<string, number>;
}

export interface Started {
  readonly services: readonly ServiceHealth[];
  /** When each service was first seen healthy, by the time of day. */
  readonly healthyAtMs: ReadonlyMap<string, number>;
}

/**
 * Waits until every service is healthy or has completed, while `start` does its work. Ends at the first
 * service that fails, woken by the engine: names it, and throws SERVICE_UNHEALTHY with its last words. One that ran
 * before, and ends only now of what was wrong then, is started again. Throws DISK_FULL as soon as the engine's disk is,
 * WAIT_TIMEOUT naming what is missing, or what `start` throws when no service explains it.
 */
export async function startAndWait(
  target: WaitTarget,
  start: (signal: AbortSignal) => Promise<void>,
  deps: WaitDeps,
): Promise<Started> {
  const stop = new AbortController();
  const ends = AbortSignal.any([deps.signal, stop.signal]);
  const startedMs = deps.clock.nowMs();
  const { healthyAtMs = new Map<string, number>() } = target;
  const incidents = createIncidents();
  const bell = createBell(deps.clock);
  const findFailure = createFailureFinder(incidents, deps);
  const findFullDisk = createFullDiskFinder(deps);
  let outcome: { readonly error?: unknown } | undefined;
  let latest: readonly ServiceHealth[] = [];
  const watching = deps.engine.watch(
    target.project,
    (event) => {
      const note = incidents.note(event);
      if (note !== undefined) deps.emit(note);
      if (isTrouble(event)) bell.ring();
    },
    ends,
  );
  // Without events each look still finds what has happened, and an engine that is gone.
  const watched = watching.catch(() => undefined);
  const begin = async (): Promise<void> => {
    outcome = undefined;
    try {
      await start(ends);
      outcome = {};
    } catch (error) {
      outcome = { error };
    }
  };
  const findLost = createLostFinder(target.before, incidents, deps.emit);
  let revivals = 0;
  let starting = begin();

  const check = async (): Promise<Started | undefined> => {
    // Read before the containers are looked at: what is seen then is what `start` left behind.
    const ended = outcome;
    const containers = await deps.engine.containers(target.project);
    const isNews = (one: ContainerObservation): boolean => !isOld(one, target.before);
    const isUnderWay = ended === undefined;
    latest = judgeServices(
      target.services,
      target.oneShots,
      isUnderWay ? containers.filter(isNews) : containers,
    );
    report(latest, healthyAtMs, deps, startedMs);
    if (findLost(containers, isUnderWay) && !isUnderWay && revivals < mostRevivals) {
      revivals += 1;
      starting = begin();
      return undefined;
    }
    const failure = (await findFullDisk()) ?? (await findFailure(latest));
    if (failure !== undefined) throw failure;
    if (ended === undefined) return undefined;
    if ("error" in ended) throw ended.error;
    return latest.every(isWell) ? { services: latest, healthyAtMs } : undefined;
  };

  try {
    return await pollUntil(check, {
      clock: bell,
      intervalMs: 200,
      timeoutMs: target.timeoutMs,
      signal: deps.signal,
      describe: () => `still waiting for ${describeMissing(latest)}`,
    });
  } catch (error) {
    if (!(error instanceof StackError) || error.code !== "WAIT_TIMEOUT") throw error;
    throw await explainTimeout(
      error,
      latest.find((one) => !isWell(one)),
      deps.engine,
    );
  } finally {
    stop.abort();
    await Promise.all([starting, watched]);
  }
}

const mostDeaths = 3;
const mostRevivals = 2;
const lookInsideEveryMs = 1000;

/** What ends the wait: a service that failed, or one that ends as often as it is started. */
function createFailureFinder(
  incidents: Incidents,
  { engine, clock, emit }: WaitDeps,
): (services: readonly ServiceHealth[]) => Promise<StackError | undefined> {
  let lookedInsideMs = clock.nowMs();
  const findLoop = async (services: readonly ServiceHealth[]): Promise<StackError | undefined> => {
    if (clock.nowMs() - lookedInsideMs < lookInsideEveryMs) return undefined;
    lookedInsideMs = clock.nowMs();
    const shared = services.find(({ service, state }) => service === "airflow" && state === "starting");
    return shared?.container?.state === "running"
      ? await findComponentLoop(shared.container, engine)
      : undefined;
  };
  const historyOf = ({ container }: ServiceHealth) => incidents.historyOf(container?.id ?? "");
  const deathsOf = (one: ServiceHealth) => Math.max(historyOf(one).deaths, one.container?.restartCount ?? 0);
  return async (services) => {
    const failed = services.find(
      (one) => isFailed(one) || (one.state === "starting" && deathsOf(one) >= mostDeaths),
    );
    const failure =
      failed === undefined ? await findLoop(services) : await serviceError(failed, engine, historyOf(failed));
    // Told at once: the command that starts the others takes its time to end.
    if (failure !== undefined) {
      const id = `service:${failed?.service ?? "airflow"}`;
      emit({ kind: "step", id, status: "failed", text: failure.message });
    }
    return failure;
  };
}

function report(
  services: readonly ServiceHealth[],
  healthyAtMs: Map<string, number>,
  { emit, clock }: WaitDeps,
  startedMs: number,
): void {
  const nowMs = clock.nowMs();
  const elapsedMs = nowMs - startedMs;
  for (const health of services) {
    if (!isWell(health) || healthyAtMs.has(health.service)) continue;
    healthyAtMs.set(health.service, nowMs);
    emit({
      kind: "step",
      id: `service:${health.service}`,
      status: "done",
      text: `${health.service} ${health.state}`,
      elapsedMs,
    });
  }
  const missing = services.filter((health) => !isWell(health));
  if (missing.length === 0) return;
  emit({
    kind: "step",
    id: "wait",
    status: "progress",
    text: "waiting for",
    detail: describeMissing(services),
    elapsedMs,
  });
}

function describeMissing(services: readonly ServiceHealth[]): string {
  const missing = services.filter((health) => !isWell(health));
  return missing.length === 0 ? "docker compose to finish" : missing.map(({ service }) => service).join(", ");
}
