import type { Clock } from "../../lib/clock.ts";
import type { ErrorCode } from "../../lib/error-table.ts";
import { StackError } from "../../lib/errors.ts";
import { airflowServices } from "../layout.ts";
import type { MlflowAccess } from "../mlflow-access.ts";
import { elsewhereOf, loginOf, type MlflowMode } from "../mlflow-spec.ts";
import type { ContainerObservation, Engine } from "../ports.ts";
import { fromContainer } from "../probes/matrix.ts";
import { mlflowHop } from "../probes/mlflow-hop.ts";
import type { ProbeCause, ProbeResult } from "../probes/probe-types.ts";
import type { Mlflow } from "../service-ports.ts";
import type { StackSpec } from "../spec.ts";

/** One call that only good credentials get through. */
export interface ConnectionCheck {
  /** "host" for this machine, "airflow" for the container that runs tasks. */
  readonly from: string;
  readonly outcome: ProbeResult["outcome"];
  /** Why it failed. */
  readonly code: ErrorCode | undefined;
  readonly detail: string;
  readonly fix: string;
  readonly durationMs: number;
}

export interface ConnectionTest {
  readonly mode: MlflowMode;
  readonly url: string;
  readonly login: string | undefined;
  /** The call that was made from each place. */
  readonly call: string;
  readonly checks: readonly ConnectionCheck[];
  /** Whether Airflow's containers were given these settings; undefined while none runs. */
  readonly isApplied: boolean | undefined;
  /** What the Test button of Airflow's connection page gets; undefined when the call above failed. */
  readonly testButton: { readonly status: number; readonly meaning: string } | undefined;
}

export interface TestDeps {
  readonly engine: Pick<Engine, "environment" | "exec">;
  readonly mlflow: Mlflow;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface TestTarget {
  readonly spec: StackSpec;
  readonly access: MlflowAccess;
  /** The running container that runs tasks, if there is one with these settings. */
  readonly containerId: string | undefined;
  readonly isApplied: boolean | undefined;
}

export interface TestedConnection {
  readonly test: ConnectionTest;
  /** Why the command doesn't end with status 0. */
  readonly failure: StackError | undefined;
}

const call = "POST /api/2.0/mlflow/experiments/search";

/** The running container that runs tasks; undefined when there is none, or no engine to have one. */
export async function findAirflow(
  applied: StackSpec,
  engine: Pick<Engine, "containers">,
): Promise<ContainerObservation | undefined> {
  try {
    const containers = await engine.containers(applied.project);
    const { scheduler } = airflowServices(applied);
    return containers.find(({ service, state }) => service === scheduler && state === "running");
  } catch (error) {
    if (error instanceof StackError && error.code === "ENGINE_UNREACHABLE") return undefined;
    throw error;
  }
}

/** Asks MLflow what only good credentials are told, from this machine and from where tasks run. */
export async function testConnection(target: TestTarget, deps: TestDeps): Promise<TestedConnection> {
  const { spec, access, containerId, isApplied } = target;
  const elsewhere = elsewhereOf(spec);
  const [fromHost, ofContainer] = await Promise.all([
    checkFromHost(deps),
    containerId === undefined
      ? []
      : fromContainer("airflow", containerId, deps, (env) => [mlflowHop(env, elsewhere)]),
  ]);
  const checks = [fromHost.check, ...ofContainer.map((hop) => checkFromHop(hop))];
  const status = fromHost.error === undefined ? await deps.mlflow.testButtonStatus(deps.signal) : undefined;
  const test: ConnectionTest = {
    mode: spec.mlflow.mode,
    url: access.url,
    login: loginOf(spec)?.user,
    call,
    checks,
    isApplied,
    testButton: status === undefined ? undefined : { status, meaning: meaningOf(status) },
  };
  return { test, failure: fromHost.error ?? failureOf(checks, access.url) };
}

async function checkFromHost({ mlflow, clock, signal }: TestDeps) {
  const startedMs = clock.nowMs();
  const timed = <T extends object>(rest: T) => ({
    from: "host",
    ...rest,
    durationMs: Math.round(clock.nowMs() - startedMs),
  });
  try {
    await mlflow.ping(signal);
    const check: ConnectionCheck = timed({ outcome: "ok", code: undefined, detail: "", fix: "" } as const);
    return { check, error: undefined };
  } catch (error) {
    if (!(error instanceof StackError) || error.code === "INTERRUPTED") throw error;
    const { code, message, hint } = error;
    const check: ConnectionCheck = timed({
      outcome: "failed",
      code,
      detail: message,
      fix: hint ?? "See `stack status`.",
    } as const);
    return { check, error };
  }
}

const codes: Partial<Readonly<Record<ProbeCause, ErrorCode>>> = {
  "name-not-resolved": "MLFLOW_UNREACHABLE",
  "connection-refused": "MLFLOW_UNREACHABLE",
  "no-answer": "MLFLOW_UNREACHABLE",
  "certificate-expired": "MLFLOW_CERTIFICATE_EXPIRED",
  "certificate-untrusted": "MLFLOW_CERTIFICATE_UNTRUSTED",
  "bad-credentials": "MLFLOW_LOGIN_REFUSED",
  "host-not-allowed": "MLFLOW_HOST_NOT_ALLOWED",
  "method-refused": "MLFLOW_METHOD_REFUSED",
  "wrong-url": "MLFLOW_URL_WRONG",
};

function checkFromHop({ from, outcome, cause, detail, fix, durationMs }: ProbeResult): ConnectionCheck {
  const code = outcome === "failed" ? ((cause && codes[cause]) ?? "MLFLOW_REFUSED") : undefined;
  return { from, outcome, code, detail, fix, durationMs };
}

function failureOf(checks: readonly ConnectionCheck[], url: string): StackError | undefined {
  const failed = checks.find(({ outcome }) => outcome === "failed");
  if (failed?.code === undefined) return undefined;
  return new StackError(
    failed.code,
    `MLflow at ${url} answers this machine, but not Airflow's container: ${failed.detail}.`,
    { hint: failed.fix, facts: { from: failed.from } },
  );
}

function meaningOf(status: number): string {
  if (status === 405) {
    return "Airflow's Test button sends a POST to /, where MLflow has a page for GET alone: it shows this 405 though the connection works. The call above is the one that counts.";
  }
  return status < 400
    ? "Airflow's Test button sends a POST to /, which this server takes; it doesn't look at MLflow's API."
    : "Airflow's Test button sends a POST to / and would show this, though the API takes these credentials. The call above is the one that counts.";
}
