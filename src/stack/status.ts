import type { Clock } from "../lib/clock.ts";
import { StackError } from "../lib/errors.ts";
import { askAirflow, askHealthy, askingOnce, askMlflow } from "./ask-services.ts";
import { endpointsOf, endpointsOfService } from "./endpoints.ts";
import { isFailed, isWell, judgeServices, type ServiceHealth } from "./health.ts";
import { readLauncherStatus, type ComponentStatus } from "./launcher-status.ts";
import { airflowServices } from "./layout.ts";
import { lineFacts } from "./lines.ts";
import { elsewhereOf } from "./mlflow-spec.ts";
import type { ContainerObservation, Engine, System } from "./ports.ts";
import { probeError, probeStack, type ProbeClients, type ProbeDeps } from "./probes/matrix.ts";
import type { ProbeResult } from "./probes/probe-types.ts";
import { serviceTarget } from "./service-target.ts";
import type { StackSpec } from "./spec.ts";
import type { ServiceStatus, StatusReport } from "./status-report.ts";
import { reportStorage } from "./storage.ts";

export interface StatusDeps {
  readonly engine: Engine;
  readonly system: System;
  readonly clock: Clock;
  /** Or why there are no secrets to call them with: what the engine knows is told all the same. */
  readonly connect: (() => Promise<ProbeClients>) | StackError;
  readonly signal: AbortSignal;
}

export interface Status {
  readonly report: StatusReport;
  /** Why the command doesn't end with status 0. */
  readonly failure: StackError | undefined;
}

/** What runs, how it is and what it holds; answers too when nothing runs. */
export async function readStatus(spec: StackSpec, deps: StatusDeps): Promise<Status> {
  const { services: names, oneShots } = serviceTarget(spec);
  const containers = await unlessEngineOff(async () => await deps.engine.containers(spec.project));
  if (containers instanceof StackError) {
    return { report: emptyReport(spec, "engine-off", names), failure: containers };
  }
  if (containers.length === 0) {
    return { report: emptyReport(spec, "down", names), failure: notRunning(spec.project) };
  }
  const health = judgeServices(names, oneShots, containers);
  return await askRunning(spec, health, containers, deps);
}

async function askRunning(
  spec: StackSpec,
  health: readonly ServiceHealth[],
  containers: readonly ContainerObservation[],
  deps: StatusDeps,
): Promise<Status> {
  const { engine, connect, signal } = deps;
  const memory = engine.memory(containers.filter((one) => one.state === "running").map((one) => one.id));
  // Loading them keeps this process busy: by the engine's first answers, the calls from containers are under way.
  const clients = connect instanceof StackError ? undefined : memory.then(connect).then(askingOnce);
  // Whoever needs them tells that they can't be had.
  clients?.catch(() => undefined);
  const problems: string[] = [];
  const isUp = health.every(isWell);
  const elsewhere = elsewhereOf(spec);
  const ask = async <T>(
    takes: readonly string[],
    question: (those: ProbeClients) => Promise<T>,
  ): Promise<T | undefined> =>
    clients === undefined
      ? undefined
      : await askHealthy(takes, health, problems, async () => await question(await clients));

  const [memoryOf, components, airflow, mlflow, storage, probes] = await Promise.all([
    memory,
    // The engine doesn't start a call in a container while it copies a file out of it.
    memory.then(async () => await componentsOf(health, engine)),
    ask([airflowServices(spec).api, "postgres"], async (those) => await askAirflow(those.airflow, signal)),
    ask(
      elsewhere === undefined ? ["mlflow", "postgres"] : [],
      async (those) => await askMlflow(those.mlflow, signal),
    ),
    ask(["minio"], async (those) => await reportStorage(those.store, signal)),
    isUp && clients !== undefined ? probe(spec, containers, { ...deps, clients }) : [],
  ]);
  const endpoints = endpointsOf(spec);
  const services = health.map((one): ServiceStatus => ({
    service: one.service,
    state: one.state,
    detail: one.detail,
    since: one.container?.startedAt,
    memoryBytes: memoryOf.get(one.container?.id ?? ""),
    endpoints: endpointsOfService(one.service, endpoints),
    components: components.get(one.service) ?? [],
  }));
  const isPaused = health.every((one) => one.state === "paused" || one.state === "completed");
  const state = isUp ? "up" : isPaused ? "paused" : "partial";
  return {
    report: { ...headOf(spec), state, services, airflow, mlflow, storage, probes, problems },
    failure: isPaused
      ? pausedError(spec.project)
      : (healthError(spec, services, problems, health) ??
        (connect instanceof StackError ? connect : probeError(probes))),
  };
}

async function probe(
  spec: StackSpec,
  containers: readonly ContainerObservation[],
  deps: ProbeDeps,
): Promise<readonly ProbeResult[]> {
  const target = {
    containers,
    line: spec.line,
    schedulerService: airflowServices(spec).scheduler,
    bucket: spec.bucket,
    endpoints: endpointsOf(spec),
    mlflow: elsewhereOf(spec),
  };
  return await probeStack(target, deps);
}

async function componentsOf(
  health: readonly ServiceHealth[],
  engine: Engine,
): Promise<ReadonlyMap<string, readonly ComponentStatus[]>> {
  const { container } = health.find((one) => one.service === "airflow") ?? {};
  if (container?.state !== "running") return new Map();
  return new Map([["airflow", (await readLauncherStatus(engine, container))?.components ?? []]]);
}

async function unlessEngineOff<T>(question: () => Promise<T>): Promise<T | StackError> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof StackError && error.code === "ENGINE_UNREACHABLE") return error;
    throw error;
  }
}

function emptyReport(spec: StackSpec, state: "engine-off" | "down", names: readonly string[]): StatusReport {
  const services = names.map((service): ServiceStatus => ({
    service,
    state: "absent",
    detail: "",
    since: undefined,
    memoryBytes: undefined,
    endpoints: [],
    components: [],
  }));
  const unasked = { airflow: undefined, mlflow: undefined, storage: undefined, probes: [], problems: [] };
  return { ...headOf(spec), state, services, ...unasked };
}

function headOf({ project, line }: StackSpec): Pick<StatusReport, "project" | "line" | "endOfLife"> {
  return { project, line, endOfLife: lineFacts[line].endOfLife };
}

function notRunning(project: string): StackError {
  return new StackError("STACK_NOT_RUNNING", `The stack ${project} is down.`, {
    hint: "Start it with `stack up`.",
  });
}

function pausedError(project: string): StackError {
  return new StackError("STACK_PAUSED", `The stack ${project} is paused.`, {
    hint: "Have it back with `stack resume`.",
  });
}

function healthError(
  spec: StackSpec,
  services: readonly ServiceStatus[],
  problems: readonly string[],
  health: readonly ServiceHealth[],
): StackError | undefined {
  const ill = health.filter((one) => !isWell(one));
  const words = ill.map(
    ({ service, state, detail }) => `${service} ${state}${detail === "" ? "" : ` (${detail})`}`,
  );
  const parts = services
    .flatMap(({ components }) => components)
    .filter(({ state }) => state !== "healthy")
    .map(
      ({ name, state, lastExit }) =>
        `Airflow's ${name} ${state}${lastExit === undefined ? "" : ` (${lastExit})`}`,
    );
  const all = [...words, ...parts, ...problems];
  if (all.length === 0) return undefined;
  const worst = ill.find(isFailed)?.service;
  const ownFix =
    ill.length === 0 && elsewhereOf(spec) !== undefined
      ? "See why with `stack connection test`."
      : "Bring it up with `stack up`.";
  return new StackError("SERVICE_UNHEALTHY", `The stack ${spec.project} is not healthy: ${all.join("; ")}.`, {
    hint: worst === undefined ? ownFix : `See why with \`stack logs ${worst}\`, then run \`stack up\`.`,
    facts: { services: ill.map((one) => one.service) },
  });
}
