import type { ServiceState } from "./health.ts";
import type { ComponentStatus } from "./launcher-status.ts";
import type { Line } from "./lines.ts";
import type { ProbeResult } from "./probes/probe-types.ts";
import type { ComponentHealth, Dag, DagRun } from "./service-ports.ts";
import type { StorageReport } from "./storage.ts";

export interface StatusReport {
  readonly project: string;
  readonly line: Line;
  /** What somebody who runs this line should know; undefined while its parts are maintained. */
  readonly endOfLife: string | undefined;
  readonly state: "engine-off" | "down" | "paused" | "partial" | "up";
  readonly services: readonly ServiceStatus[];
  /** Undefined when the service can't be asked; `problems` says why if it should have answered. */
  readonly airflow: AirflowStatus | undefined;
  readonly mlflow: MlflowStatus | undefined;
  readonly storage: StorageReport | undefined;
  /** Each call that a pipeline depends on; empty while not every service is healthy. */
  readonly probes: readonly ProbeResult[];
  readonly problems: readonly string[];
  /** Only while watching: what has gone wrong since, newest last. */
  readonly incidents?: readonly IncidentReport[];
}

/** A service that died or turned unhealthy. */
export interface IncidentReport {
  readonly service: string;
  /** ISO 8601. */
  readonly at: string;
  readonly message: string;
  /** Its last words. */
  readonly log: readonly string[];
}

export interface ServiceStatus {
  readonly service: string;
  readonly state: ServiceState;
  readonly detail: string;
  /** ISO 8601. */
  readonly since: string | undefined;
  readonly memoryBytes: number | undefined;
  readonly endpoints: readonly string[];
  /** Airflow's components where they share a container; else empty. */
  readonly components: readonly ComponentStatus[];
}

export interface AirflowStatus {
  readonly components: readonly ComponentHealth[];
  readonly dags: readonly DagStatus[];
  /** Files below the DAG folder that Airflow can't import, sorted. */
  readonly brokenFiles: readonly string[];
}

export interface DagStatus extends Pick<Dag, "dagId" | "isPaused" | "hasImportErrors"> {
  readonly lastRun: DagRun | undefined;
}

export interface MlflowStatus {
  readonly experiments: number;
  readonly runs: number;
  readonly registeredModels: number;
}
