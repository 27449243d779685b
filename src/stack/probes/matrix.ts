import type { Clock } from "../../lib/clock.ts";
import { StackError } from "../../lib/errors.ts";
import type { Endpoints } from "../endpoints.ts";
import type { Line } from "../lines.ts";
import type { MlflowElsewhere } from "../mlflow-spec.ts";
import type { ContainerObservation, Engine, System } from "../ports.ts";
import type { Airflow, Mlflow, ObjectStore } from "../service-ports.ts";
import { batchOf } from "./batch.ts";
import { bucketHop, databaseHop, executionHop, type Hop } from "./hops.ts";
import { mlflowHop, mlflowName } from "./mlflow-hop.ts";
import { failed, passed, type ProbeResult, type Verdict } from "./probe-types.ts";
import { executionToken } from "./token.ts";

export interface ProbeClients {
  readonly airflow: Airflow;
  readonly mlflow: Mlflow;
  readonly store: ObjectStore;
}

export interface ProbeDeps {
  readonly engine: Engine;
  readonly system: System;
  /** May still be loading: only the calls from this machine wait for them. */
  readonly clients: ProbeClients | Promise<ProbeClients>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface ProbeTarget {
  readonly containers: readonly ContainerObservation[];
  readonly line: Line;
  /** The Compose service that runs tasks. */
  readonly schedulerService: string;
  readonly bucket: string;
  readonly endpoints: Endpoints;
  /** Undefined for the stack's own MLflow. */
  readonly mlflow: MlflowElsewhere | undefined;
}

/** Makes each call that a pipeline depends on, from where the pipeline makes it, all at the same time. */
export async function probeStack(target: ProbeTarget, deps: ProbeDeps): Promise<readonly ProbeResult[]> {
  const { containers, bucket, schedulerService } = target;
  const scheduler = containers.find(({ service }) => service === schedulerService);
  const mlflow = containers.find(({ service }) => service === "mlflow");
  const results = await Promise.all([
    scheduler === undefined
      ? []
      : fromContainer("airflow", scheduler.id, deps, (env) => [
          mlflowHop(env, target.mlflow),
          bucketHop(env, bucket),
          recordHop(target.line, env, deps),
        ]),
    mlflow === undefined
      ? []
      : fromContainer("mlflow", mlflow.id, deps, (env) => [databaseHop("mlflow"), bucketHop(env, bucket)]),
    fromHost(target, deps),
  ]);
  return results.flat();
}

/** Where a task says how it fares: Airflow 3 has an API for that, in Airflow 2 the task itself opens the database. */
function recordHop(line: Line, env: Readonly<Record<string, string>>, { clock, system }: ProbeDeps): Hop {
  if (line === "classic") return databaseHop("airflow");
  return executionHop(env, executionToken(env["AIRFLOW__API_AUTH__JWT_SECRET"] ?? "", clock.nowMs(), system));
}

// Each call has five seconds, by the container's clock. All are made at once; this is for a container that hangs.
const longestCallsMs = 15_000;

export async function fromContainer(
  from: string,
  containerId: string,
  deps: { readonly engine: Pick<Engine, "environment" | "exec"> },
  hopsFor: (env: Readonly<Record<string, string>>) => readonly Hop[],
): Promise<readonly ProbeResult[]> {
  const hops = hopsFor(await deps.engine.environment(containerId));
  const { command, env, resultsOf } = batchOf(hops.map(({ call }) => call));
  const results = resultsOf(await deps.engine.exec(containerId, command, env, longestCallsMs));
  return hops.flatMap(({ to, judge }, index) => {
    const result = results[index];
    return result === undefined ? [] : [{ from, to, ...judge(result), durationMs: result.durationMs }];
  });
}

async function fromHost(
  { endpoints, mlflow }: ProbeTarget,
  deps: ProbeDeps,
): Promise<readonly ProbeResult[]> {
  const { signal } = deps;
  const clients = await deps.clients;
  const ask = async (to: string, question: () => Promise<unknown>): Promise<ProbeResult> =>
    await timed("host", to, deps, async () => {
      try {
        await question();
        return passed;
      } catch (error) {
        if (!(error instanceof StackError) || error.code === "INTERRUPTED") throw error;
        return failed("unexpected-answer", error.message, error.hint ?? "See `stack status`.");
      }
    });
  return await Promise.all([
    ask("airflow", async () => await clients.airflow.latestRuns(1, signal)),
    ask(mlflowName(mlflow), async () => await clients.mlflow.ping(signal)),
    ask("s3", async () => await clients.store.buckets(signal)),
    timed("host", "console", deps, async () =>
      judgePage(await deps.system.httpStatus(endpoints.console), endpoints.console),
    ),
  ]);
}

function judgePage(status: number | undefined, url: string): Verdict {
  if (status === undefined)
    return failed("connection-refused", `nothing answers at ${url}`, "See `stack status`.");
  return status < 400
    ? passed
    : failed("unexpected-answer", `${url} answers ${status}`, "See `stack status`.");
}

async function timed(
  from: string,
  to: string,
  { clock }: ProbeDeps,
  probe: () => Promise<Verdict>,
): Promise<ProbeResult> {
  const startedMs = clock.nowMs();
  const verdict = await probe();
  return { from, to, ...verdict, durationMs: Math.round(clock.nowMs() - startedMs) };
}

/** The failed hops as one error; undefined when there is none. Throws nothing. */
export function probeError(results: readonly ProbeResult[]): StackError | undefined {
  const failures = results.filter(({ outcome }) => outcome === "failed");
  const [first] = failures;
  if (first === undefined) return undefined;
  const words = failures.map(
    ({ from, to, cause, detail }) => `${from} -> ${to}: ${cause ?? "failed"} (${detail})`,
  );
  return new StackError(
    "PROBE_FAILED",
    `Every service is healthy, but not every hop works: ${words.join("; ")}.`,
    {
      hint: first.fix,
      facts: {
        hops: failures.map(({ from, to }) => `${from} -> ${to}`),
        causes: failures.map(({ cause }) => cause ?? ""),
        fixes: failures.map(({ fix }) => fix),
      },
    },
  );
}
