import type { Clock } from "../../lib/clock.ts";
import { StackError } from "../../lib/errors.ts";
import type { ContainerObservation, Engine } from "../ports.ts";
import type { Airflow } from "../service-ports.ts";

export const canaryDag = "stack_canary";
export const canaryFile = `${canaryDag}.py`;
/** Puts the canary's file where Airflow finds it, in one step. Throws FILE_UNWRITABLE. */
export async function placeCanary(
  engine: Engine,
  scheduler: ContainerObservation,
  folder: string,
  text: string,
): Promise<void> {
  const path = `${folder}/${canaryFile}`;
  const script = `mkdir -p ${folder} && printf '%s' "$CANARY" > ${path}.draft && mv ${path}.draft ${path}`;
  await runOrThrow(engine, scheduler, script, { CANARY: text });
}

/** Takes the file away, the logs of its runs, and those of its having been read. */
export async function removeCanary(
  engine: Engine,
  scheduler: ContainerObservation,
  folder: string,
): Promise<void> {
  const path = `${folder}/${canaryFile}`;
  const logs = [
    `dag_id=${canaryDag}`,
    // Airflow 3's of a bundle, and Airflow 2's of a folder among its DAGs; a new one each day.
    `dag_processor/*/*/${canaryFile}.log`,
    `scheduler/*/${folder.split("/").at(-1) ?? ""}/${canaryFile}.log`,
  ].map((log) => `"$AIRFLOW_HOME"/logs/${log}`);
  await runOrThrow(engine, scheduler, `rm -rf ${path} ${path}.draft ${logs.join(" ")}`, {});
}

/** MLflow keeps what is deleted until it is told to forget it, with its own command; its objects go too. */
export async function forgetExperiment(
  engine: Engine,
  mlflow: ContainerObservation,
  experimentId: string,
): Promise<void> {
  const script = `import os, sys
from mlflow.cli import gc
gc.main(["--backend-store-uri", os.environ["MLFLOW_BACKEND_STORE_URI"], "--experiment-ids", sys.argv[1]], standalone_mode=False)`;
  // The command wants to know whom to ask besides whose database to clean.
  const env = { MLFLOW_TRACKING_URI: "http://127.0.0.1:5000" };
  const command = ["python", "-W", "ignore", "-c", script, experimentId];
  const { exitCode, stderr } = await engine.exec(mlflow.id, command, env);
  if (exitCode !== 0) throw leftover(`MLflow's experiment ${experimentId}`, stderr);
}

async function runOrThrow(
  engine: Engine,
  { id, service }: ContainerObservation,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { exitCode, stderr } = await engine.exec(id, ["sh", "-c", script], env);
  if (exitCode !== 0) {
    throw new StackError(
      "FILE_UNWRITABLE",
      `The canary's file can't be changed in ${service}: ${stderr.trim()}.`,
      {
        hint: "See `stack status`; the volume airflow-data has to be writable for Airflow.",
      },
    );
  }
}

function leftover(what: string, stderr: string): StackError {
  return new StackError(
    "MLFLOW_REFUSED",
    `${what} could not be removed: ${stderr.trim().split("\n").at(-1) ?? ""}.`,
    {
      hint: "Remove it with `mlflow gc` in the container of mlflow.",
    },
  );
}

const longestTaskMs = 30_000;
// Less than Ctrl-C leaves for what is to be cleaned up.
const longestReadMs = 1000;

interface DagRemovalDeps {
  readonly airflow: Pick<Airflow, "deleteDag">;
  readonly clock: Clock;
}

/** Has Airflow forget the canary's DAG, whose file is gone; `wasRead` tells whether Airflow was through with reading it. */
export async function deleteCanaryDag(deps: DagRemovalDeps, wasRead: boolean): Promise<void> {
  await (wasRead ? deleteIdleDag(deps) : deleteLateDag(deps));
}

/** Airflow deletes no DAG that has a task at work (409); the canary's ends by itself. */
async function deleteIdleDag({ airflow, clock }: DagRemovalDeps): Promise<void> {
  const giveUpMs = clock.nowMs() + longestTaskMs;
  for (;;) {
    try {
      await airflow.deleteDag(canaryDag);
      return;
    } catch (error) {
      const isAtWork = error instanceof StackError && error.facts["status"] === 409;
      if (!isAtWork || clock.nowMs() >= giveUpMs) throw error;
    }
    await clock.sleep(500);
  }
}

/** Airflow may have been at reading the file when that was removed, and makes the DAG once it is through. */
async function deleteLateDag({ airflow, clock }: DagRemovalDeps): Promise<void> {
  const giveUpMs = clock.nowMs() + longestReadMs;
  while (clock.nowMs() < giveUpMs) {
    await airflow.deleteDag(canaryDag);
    await clock.sleep(100);
  }
}
