import { StackError } from "../../lib/errors.ts";
import { importDag } from "../seed/import-dag.ts";
import { runDag } from "../seed/run-dag.ts";
import type { RunDeps } from "../seed/seed-types.ts";
import type { BundledFiles, ContainerObservation, Engine, System } from "../ports.ts";
import type { Mlflow, MlflowRun, ObjectStore } from "../service-ports.ts";
import { canaryFolder } from "../services/airflow-paths.ts";
import { canaryDag, canaryFile, forgetExperiment, placeCanary, removeCanary } from "./canary.ts";

export interface ProveDeps extends RunDeps {
  readonly engine: Engine;
  readonly system: System;
  readonly bundled: BundledFiles;
  readonly mlflow: Mlflow;
  readonly store: ObjectStore;
  readonly containers: { readonly scheduler: ContainerObservation; readonly mlflow: ContainerObservation };
  readonly bucket: string;
}

export interface ProveResult {
  /** From the trigger to the last check. */
  readonly verifiedMs: number;
  readonly runId: string;
  readonly bytes: number;
  /** SHA-256 of the artifact as it was read back from the bucket, hex. */
  readonly checksum: string;
}

const contentBytes = 4096;

/**
 * Runs a tiny pipeline and checks what it left: parameter and metric in MLflow, and the artifact's bytes in the
 * bucket. Then removes every trace of it. Throws DAG_RUN_FAILED, VERIFY_FAILED or WAIT_TIMEOUT.
 */
export async function prove(deps: ProveDeps, timeoutMs: number): Promise<ProveResult> {
  const { clock, engine, containers, system, bundled, emit } = deps;
  const deadlineMs = clock.nowMs() + timeoutMs;
  const token = hex(system.randomBytes(8));
  const content = hex(system.randomBytes(contentBytes));
  const folder = canaryFolder(deps.target.line);
  await placeCanary(engine, containers.scheduler, folder, await bundled.seedProgram(canaryFile));
  try {
    await importDag(deps, { dagId: canaryDag, file: canaryFile, isBundled: false }, deadlineMs);
    const startedMs = clock.nowMs();
    const { runId } = await runDag(deps, canaryDag, deadlineMs, { token, content });
    const checksum = await checkResults(deps, token, content);
    const verifiedMs = Math.round(clock.nowMs() - startedMs);
    emit({ kind: "step", id: "prove", status: "done", text: "pipeline verified", elapsedMs: verifiedMs });
    return { verifiedMs, runId, bytes: contentBytes, checksum };
  } finally {
    await cleanUp(deps, folder, token);
  }
}

async function checkResults(
  { mlflow, store, system, bucket, signal }: ProveDeps,
  token: string,
  content: string,
): Promise<string> {
  const experiment = (await mlflow.experiments(signal)).find(({ name }) => name === experimentName(token));
  if (experiment === undefined) throw wrong("its experiment", experimentName(token), "none of that name");
  const [run] = await mlflow.runs({ experimentIds: [experiment.experimentId] }, signal);
  checkRun(run, token);
  const [object] = await store.objects(bucket, prefixOf(token), signal);
  if (object === undefined) throw wrong("its artifact", `an object below ${prefixOf(token)}`, "none");
  const bytes = await store.read(bucket, object.key, signal);
  const [expected, found] = [system.digest(content), system.digest(hex(bytes))];
  if (expected !== found) throw wrong("its artifact's checksum", expected, found);
  return found;
}

function checkRun(run: MlflowRun | undefined, token: string): void {
  const found =
    run === undefined
      ? "no run"
      : `${run.status} with token ${run.params["token"]} and ${run.metrics["bytes"]} bytes`;
  const expected = `FINISHED with token ${token} and ${contentBytes} bytes`;
  if (found !== expected) throw wrong("its run", expected, found);
}

function wrong(what: string, expected: string, found: string): StackError {
  return new StackError(
    "VERIFY_FAILED",
    `The canary pipeline succeeded, but ${what} is wrong: expected ${expected}, found ${found}.`,
    {
      hint: "See `stack status` for which hop between the services fails.",
      facts: { expected, found },
    },
  );
}

/** Nothing of the canary stays: no file, DAG, log, experiment or object, also after a failure or Ctrl-C. */
async function cleanUp(
  { engine, containers, airflow, mlflow, emit }: ProveDeps,
  folder: string,
  token: string,
): Promise<void> {
  const id = "prove:clean";
  emit({ kind: "step", id, status: "started", text: "removing the canary" });
  await removeCanary(engine, containers.scheduler, folder);
  await airflow.deleteDag(canaryDag);
  const experiment = (await mlflow.experiments()).find(({ name }) => name === experimentName(token));
  if (experiment !== undefined) {
    await mlflow.deleteExperiment(experiment.experimentId);
    await forgetExperiment(engine, containers.mlflow, experiment.experimentId);
  }
  emit({ kind: "step", id, status: "done", text: "removed the canary" });
}

function experimentName(token: string): string {
  return `stack-canary-${token}`;
}

function prefixOf(token: string): string {
  return `stack-canary/${token}/`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
