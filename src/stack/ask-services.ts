import { StackError } from "../lib/errors.ts";
import type { ServiceHealth } from "./health.ts";
import type { ProbeClients } from "./probes/matrix.ts";
import { canaryDag } from "./prove/canary.ts";
import type { Airflow, Mlflow } from "./service-ports.ts";
import type { AirflowStatus, MlflowStatus } from "./status-report.ts";

/**
 * Asks only where all the services that an answer takes are healthy: one whose database is frozen would be waited for in
 * vain. One that doesn't answer then is a problem to show, not a crash.
 */
export async function askHealthy<T>(
  services: readonly string[],
  health: readonly ServiceHealth[],
  problems: string[],
  question: () => Promise<T>,
): Promise<T | undefined> {
  const isHealthy = (service: string): boolean =>
    health.find((one) => one.service === service)?.state === "healthy";
  if (!services.every(isHealthy)) return undefined;
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof StackError) || error.code === "INTERRUPTED") throw error;
    problems.push(error.message);
    return undefined;
  }
}

const runsToSearch = 100;

/** The same clients, of which each asks once for what both the report and the probes want to know. */
export function askingOnce(clients: ProbeClients): ProbeClients {
  const { airflow, mlflow, store } = clients;
  const experiments = once(mlflow.experiments);
  return {
    airflow: {
      ...airflow,
      latestRuns: once(
        async (_limit: number, signal?: AbortSignal) => await airflow.latestRuns(runsToSearch, signal),
      ),
    },
    mlflow: {
      ...mlflow,
      experiments,
      ping: async (signal) => {
        await experiments(signal);
      },
    },
    store: { ...store, buckets: once(store.buckets) },
  };
}

function once<A extends readonly unknown[], T>(ask: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  let answer: Promise<T> | undefined;
  return async (...args) => await (answer ??= ask(...args));
}

/** The DAG that proves the stack is nobody's, and there only while it does. */
export async function askAirflow(airflow: Airflow, signal: AbortSignal): Promise<AirflowStatus> {
  const [components, dags, runs, errors] = await Promise.all([
    airflow.components(signal),
    airflow.dags(signal),
    airflow.latestRuns(runsToSearch, signal),
    airflow.importErrors(signal),
  ]);
  return {
    components,
    brokenFiles: errors.map(({ file }) => file).toSorted(),
    dags: dags
      .filter(({ dagId }) => dagId !== canaryDag)
      .map(({ dagId, isPaused, hasImportErrors }) => ({
        dagId,
        isPaused,
        hasImportErrors,
        lastRun: runs.find((run) => run.dagId === dagId),
      })),
  };
}

export async function askMlflow(mlflow: Mlflow, signal: AbortSignal): Promise<MlflowStatus> {
  const [experiments, models] = await Promise.all([
    mlflow.experiments(signal),
    mlflow.registeredModels(signal),
  ]);
  const runs = await mlflow.runs({ experimentIds: experiments.map((one) => one.experimentId) }, signal);
  return { experiments: experiments.length, runs: runs.length, registeredModels: models.length };
}
