import type { Clock } from "../lib/clock.ts";
import { StackError } from "../lib/errors.ts";
import { awaitChecks } from "./await-checks.ts";
import { oneShots } from "./compose-file.ts";
import type { ComposeFile } from "./compose-types.ts";
import type { Emit } from "./events.ts";
import { judgeServices, type ServiceHealth } from "./health.ts";
import { readLauncherStatus } from "./launcher-status.ts";
import type { Compose, ContainerObservation, Engine, System } from "./ports.ts";
import { composePath } from "./stack-folder.ts";
import type { Timeline } from "./timeline.ts";
import { startAndWait, type Started } from "./wait-healthy.ts";

export interface StartDeps {
  readonly engine: Engine;
  readonly compose: Compose;
  readonly system: System;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface StartTarget {
  readonly file: ComposeFile;
  /** The containers as they were. */
  readonly before: readonly ContainerObservation[];
  readonly timeoutMs: number;
}

/**
 * Starts what doesn't run, and anew what is unhealthy; waits until all is healthy, and notes how long each service took,
 * or, when that fails, has taken until then.
 */
export async function startServices(
  { file, before: found, timeoutMs }: StartTarget,
  timeline: Timeline,
  deps: StartDeps,
): Promise<readonly ServiceHealth[]> {
  const before = await removeUnstarted(found, deps);
  const of = { project: file.name, services: Object.keys(file.services), oneShots: oneShots(file) };
  const healthyAtMs = new Map<string, number>();
  const target = { ...of, before: await restartUnhealthy({ file, before }, deps), timeoutMs, healthyAtMs };
  const start = async (signal: AbortSignal): Promise<void> => {
    await awaitChecks(file, before, deps, signal);
    await timeline.measure("compose", async () => await deps.compose.up(composePath, { signal }));
  };
  try {
    const { services } = await startAndWait(target, start, deps);
    noteCreation(services, before, timeline);
    await noteServices({ services, healthyAtMs }, { file, before }, timeline, deps);
    return services;
  } catch (error) {
    if (!deps.signal.aborted) await noteUnfinished({ file, before, healthyAtMs }, timeline, deps);
    throw error;
  }
}

/** What is wrong is told by the error; an engine that no longer answers is a part of that. */
async function noteUnfinished(
  { file, before, healthyAtMs }: Pick<StartTarget, "file" | "before"> & Pick<Started, "healthyAtMs">,
  timeline: Timeline,
  deps: StartDeps,
): Promise<void> {
  try {
    const found = await deps.engine.containers(file.name);
    const services = judgeServices(Object.keys(file.services), oneShots(file), found);
    await noteServices({ services, healthyAtMs }, { file, before }, timeline, deps);
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
  }
}

/**
 * Compose copies files into a container between making and starting it, and not again later: one of an aborted start may
 * lack them. It holds nothing else yet, so Compose makes it anew. Returns the containers that are left.
 */
async function removeUnstarted(
  before: readonly ContainerObservation[],
  { engine }: StartDeps,
): Promise<readonly ContainerObservation[]> {
  const isUnstarted = ({ state, startedAt }: ContainerObservation): boolean =>
    state === "created" && startedAt === undefined;
  const unstarted = before.filter(isUnstarted);
  if (unstarted.length === 0) return before;
  await engine.remove({ containers: unstarted.map(({ id }) => id), networks: [], volumes: [] });
  return before.filter((one) => !isUnstarted(one));
}

/** Whatever was the matter may be over, and Compose leaves alone what runs. Returns the containers as they are then. */
async function restartUnhealthy(
  { file, before }: Pick<StartTarget, "file" | "before">,
  { engine, emit }: StartDeps,
): Promise<readonly ContainerObservation[]> {
  const judged = judgeServices(Object.keys(file.services), oneShots(file), before);
  const unhealthy = judged.filter(({ state }) => state === "unhealthy");
  if (unhealthy.length === 0) return before;
  for (const { service } of unhealthy)
    emit({ kind: "note", level: "info", text: `${service} is unhealthy and is restarted` });
  await engine.restart(unhealthy.flatMap(({ container }) => container?.id ?? []));
  return await engine.containers(file.name);
}

/** Compose makes all containers before it starts the first. */
function noteCreation(
  services: Started["services"],
  before: readonly ContainerObservation[],
  timeline: Timeline,
): void {
  const made = services.flatMap(({ container }) =>
    container === undefined || before.some(({ id }) => id === container.id) ? [] : [container.createdAtMs],
  );
  if (made.length > 0) timeline.split("compose", ["create", "start"], Math.max(...made));
}

async function noteServices(
  { services, healthyAtMs }: Started,
  { file, before }: Pick<StartTarget, "file" | "before">,
  timeline: Timeline,
  { engine, clock }: StartDeps,
): Promise<void> {
  for (const { service, container } of services) {
    const startedAtMs = container?.startedAtMs;
    const isNew = !before.some(
      ({ id, startedAt }) => id === container?.id && startedAt === container.startedAt,
    );
    if (container === undefined || startedAtMs === undefined || !isNew) continue;
    const waitedFor = Object.entries(file.services[service]?.depends_on ?? {}).filter(
      ([, { condition }]) => condition !== "service_started",
    );
    const after = waitedFor.map(([name]) => name);
    timeline.add(service, startedAtMs, healthyAtMs.get(service) ?? clock.nowMs(), after);
    const launcher = await readLauncherStatus(engine, container);
    for (const { name, startMs, endMs } of launcher?.timeline ?? []) {
      timeline.add(`${service}/${name}`, startedAtMs + startMs, startedAtMs + endMs);
    }
  }
}
