import { StackError } from "../lib/errors.ts";
import { composeFile, oneShots } from "./compose-file.ts";
import { endpointsOf, endpointsOfService } from "./endpoints.ts";
import { isFailed, isWell, judgeServices, type ServiceHealth, type ServiceState } from "./health.ts";
import type { Engine, ProjectFiles } from "./ports.ts";
import type { Airflow, ComponentHealth, Dag, DagRun, Mlflow, ObjectStore } from "./service-ports.ts";
import type { StackSpec } from "./spec.ts";
import { reportStorage, type StorageReport } from "./storage.ts";

export interface StatusDeps {
  readonly engine: Engine;
  readonly files: ProjectFiles;
  /** Undefined before the first `up`, when there are no secrets to call them with. */
  readonly clients:
    | { readonly airflow: Airflow; readonly mlflow: Mlflow; readonly store: ObjectStore }
    | undefined;
  readonly signal: AbortSignal;
}

export interface StatusReport {
  readonly project: string;
  readonly state: "engine-off" | "down" | "partial" | "up";
  readonly services: readonly ServiceStatus[];
  /** Undefined when the service can't be asked; `problems` says why if it should have answered. */
  readonly airflow: AirflowStatus | undefined;
  readonly mlflow: MlflowStatus | undefined;
  readonly storage: StorageReport | undefined;
  readonly problems: readonly string[];
}

export interface ServiceStatus {
  readonly service: string;
  readonly state: ServiceState;
  readonly detail: string;
  /** ISO 8601. */
  readonly since: string | undefined;
  readonly memoryBytes: number | undefined;
  readonly endpoints: readonly string[];
}

export interface AirflowStatus {
  readonly components: readonly ComponentHealth[];
  readonly dags: readonly DagStatus[];
}

export interface DagStatus extends Pick<Dag, "dagId" | "isPaused" | "hasImportErrors"> {
  readonly lastRun: DagRun | undefined;
}

export interface MlflowStatus {
  readonly experiments: number;
  readonly runs: number;
  readonly registeredModels: number;
}

export interface Status {
  readonly report: StatusReport;
  /** Why the command doesn't end with status 0. */
  readonly failure: StackError | undefined;
}

/** What runs, how it is and what it holds; answers too when nothing runs. */
export async function readStatus(spec: StackSpec, deps: StatusDeps): Promise<Status> {
  const file = composeFile({
    spec,
    images: { airflow: "", minio: "", mlflow: "", postgres: "" },
    projectDir: deps.files.dir,
  });
  const names = Object.keys(file.services);
  let containers;
  try {
    containers = await deps.engine.containers(spec.project);
  } catch (error) {
    if (!(error instanceof StackError) || error.code !== "ENGINE_UNREACHABLE") throw error;
    return { report: emptyReport(spec.project, "engine-off", names), failure: error };
  }
  const health = judgeServices(names, oneShots(file), containers);
  if (containers.length === 0)
    return { report: emptyReport(spec.project, "down", names), failure: notRunning(spec.project) };

  const problems: string[] = [];
  const [memory, airflow, mlflow, storage] = await Promise.all([
    deps.engine.memory(containers.filter((one) => one.state === "running").map((one) => one.id)),
    ask("airflow-api-server", health, problems, async () => await askAirflow(deps)),
    ask("mlflow", health, problems, async () => await askMlflow(deps)),
    ask("minio", health, problems, async () => await askStorage(deps)),
  ]);
  const endpoints = endpointsOf(spec);
  const services = health.map((one) => ({
    service: one.service,
    state: one.state,
    detail: one.detail,
    since: one.container?.startedAt,
    memoryBytes: memory.get(one.container?.id ?? ""),
    endpoints: endpointsOfService(one.service, endpoints),
  }));
  const isUp = health.every(isWell);
  return {
    report: {
      project: spec.project,
      state: isUp ? "up" : "partial",
      services,
      airflow,
      mlflow,
      storage,
      problems,
    },
    failure: failureOf(spec.project, health, problems),
  };
}

function emptyReport(project: string, state: "engine-off" | "down", names: readonly string[]): StatusReport {
  const services = names.map((service) => ({
    service,
    state: "absent" as const,
    detail: "",
    since: undefined,
    memoryBytes: undefined,
    endpoints: [],
  }));
  return {
    project,
    state,
    services,
    airflow: undefined,
    mlflow: undefined,
    storage: undefined,
    problems: [],
  };
}

/** Asks only a service that is healthy; one that doesn't answer then is a problem to show, not a crash. */
async function ask<T>(
  service: string,
  health: readonly ServiceHealth[],
  problems: string[],
  question: () => Promise<T>,
): Promise<T | undefined> {
  if (health.find((one) => one.service === service)?.state !== "healthy") return undefined;
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof StackError) || error.code === "INTERRUPTED") throw error;
    problems.push(error.message);
    return undefined;
  }
}

const runsToSearch = 100;

async function askAirflow({ clients, signal }: StatusDeps): Promise<AirflowStatus | undefined> {
  if (clients === undefined) return undefined;
  const { airflow } = clients;
  const [components, dags, runs] = await Promise.all([
    airflow.components(signal),
    airflow.dags(signal),
    airflow.latestRuns(runsToSearch, signal),
  ]);
  return {
    components,
    dags: dags.map(({ dagId, isPaused, hasImportErrors }) => ({
      dagId,
      isPaused,
      hasImportErrors,
      lastRun: runs.find((run) => run.dagId === dagId),
    })),
  };
}

async function askMlflow({ clients, signal }: StatusDeps): Promise<MlflowStatus | undefined> {
  if (clients === undefined) return undefined;
  const { mlflow } = clients;
  const [experiments, models] = await Promise.all([
    mlflow.experiments(signal),
    mlflow.registeredModels(signal),
  ]);
  const runs = await mlflow.runs({ experimentIds: experiments.map((one) => one.experimentId) }, signal);
  return { experiments: experiments.length, runs: runs.length, registeredModels: models.length };
}

async function askStorage({ clients, signal }: StatusDeps): Promise<StorageReport | undefined> {
  return clients === undefined ? undefined : await reportStorage(clients.store, signal);
}

function notRunning(project: string): StackError {
  return new StackError("STACK_NOT_RUNNING", `The stack ${project} is down.`, {
    hint: "Start it with `stack up`.",
  });
}

function failureOf(
  project: string,
  health: readonly ServiceHealth[],
  problems: readonly string[],
): StackError | undefined {
  const ill = health.filter((one) => !isWell(one));
  if (ill.length === 0 && problems.length === 0) return undefined;
  const words = ill.map(
    ({ service, state, detail }) => `${service} ${state}${detail === "" ? "" : ` (${detail})`}`,
  );
  const worst = ill.find(isFailed)?.container?.name;
  return new StackError(
    "SERVICE_UNHEALTHY",
    `The stack ${project} is not healthy: ${[...words, ...problems].join("; ")}.`,
    {
      hint:
        worst === undefined
          ? "Bring it up with `stack up`."
          : `See why with \`docker logs ${worst}\`, then run \`stack up\`.`,
      facts: { services: ill.map((one) => one.service) },
    },
  );
}
