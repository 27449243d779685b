import type { Clock } from "../lib/clock.ts";
import { pollUntil } from "../lib/poll.ts";
import type { Emit } from "./events.ts";
import { isFailed, isWell, judgeServices, serviceError, type ServiceHealth } from "./health.ts";
import type { ContainerObservation, Engine } from "./ports.ts";

export interface WaitDeps {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface WaitTarget {
  readonly project: string;
  readonly services: readonly string[];
  readonly oneShots: readonly string[];
  /** Containers as they were before anything was started: how these are isn't news until `start` is through. */
  readonly before: readonly ContainerObservation[];
  readonly timeoutMs: number;
}

export interface Started {
  readonly services: readonly ServiceHealth[];
  /** When each service was first seen healthy, by the time of day. */
  readonly healthyAtMs: ReadonlyMap<string, number>;
}

/**
 * Waits until every service is healthy or has completed, while `start` does its work. Ends at the first
 * service that fails: throws SERVICE_UNHEALTHY with its last words, WAIT_TIMEOUT naming what is missing,
 * or what `start` throws when no service explains it.
 */
export async function startAndWait(
  target: WaitTarget,
  start: (signal: AbortSignal) => Promise<void>,
  deps: WaitDeps,
): Promise<Started> {
  const stop = new AbortController();
  const startedMs = deps.clock.nowMs();
  const healthyAtMs = new Map<string, number>();
  let outcome: { readonly error?: unknown } | undefined;
  let latest: readonly ServiceHealth[] = [];
  const starting = start(AbortSignal.any([deps.signal, stop.signal])).then(
    () => (outcome = {}),
    (error: unknown) => (outcome = { error }),
  );

  const check = async (): Promise<Started | undefined> => {
    // Read before the containers are looked at: what is seen then is what `start` left behind.
    const ended = outcome;
    const containers = await deps.engine.containers(target.project);
    const news = ended === undefined ? containers.filter((one) => !isOld(one, target.before)) : containers;
    latest = judgeServices(target.services, target.oneShots, news);
    report(latest, healthyAtMs, deps, startedMs);
    const failed = latest.find(isFailed);
    if (failed !== undefined) throw await serviceError(failed, deps.engine);
    if (ended === undefined) return undefined;
    if ("error" in ended) throw ended.error;
    return latest.every(isWell) ? { services: latest, healthyAtMs } : undefined;
  };

  try {
    return await pollUntil(check, {
      clock: deps.clock,
      intervalMs: 200,
      timeoutMs: target.timeoutMs,
      signal: deps.signal,
      describe: () => `still waiting for ${describeMissing(latest)}`,
    });
  } finally {
    stop.abort();
    await starting;
  }
}

function isOld(one: ContainerObservation, before: readonly ContainerObservation[]): boolean {
  return before.some((old) => old.id === one.id && old.startedAt === one.startedAt);
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
