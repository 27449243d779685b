import { StackError, toStackError } from "../../lib/errors.ts";
import { importDag } from "../seed/import-dag.ts";
import { runDag } from "../seed/run-dag.ts";
import type { RunDeps } from "../seed/seed-types.ts";
import { readThroughClient, type ClientDeps } from "../client-artifacts.ts";
import { experimentPath, type MlflowElsewhere } from "../mlflow-spec.ts";
import type { BundledFiles } from "../bundled-files.ts";
import type { ContainerObservation, Engine, System } from "../ports.ts";
import type { Mlflow, MlflowRun, ObjectStore } from "../service-ports.ts";
import { canaryFolder } from "../services/airflow-paths.ts";
import {
  canaryDag,
  canaryFile,
  deleteCanaryDag,
  forgetExperiment,
  placeCanary,
  removeCanary,
} from "./canary.ts";

export interface ProveDeps extends RunDeps {
  readonly engine: Engine;
  readonly system: System;
  readonly bundled: BundledFiles;
  readonly mlflow: Mlflow;
  readonly store: ObjectStore;
  readonly containers: {
    readonly scheduler: ContainerObservation;
    /** Undefined for an MLflow elsewhere. */
    readonly mlflow: ContainerObservation | undefined;
  };
  readonly bucket: string;
  /** Undefined for the stack's own MLflow. */
  readonly elsewhere: MlflowElsewhere | undefined;
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
  let proof: ProveResult;
  let wasRead = false;
  try {
    await importDag(deps, { dagId: canaryDag, file: canaryFile, isBundled: false }, deadlineMs);
    wasRead = true;
    const startedMs = clock.nowMs();
    const { runId } = await runDag(deps, canaryDag, deadlineMs, { token, content });
    const checksum = await checkResults(deps, token, content);
    const verifiedMs = Math.round(clock.nowMs() - startedMs);
    emit({ kind: "step", id: "prove", status: "done", text: "pipeline verified", elapsedMs: verifiedMs });
    proof = { verifiedMs, runId, bytes: contentBytes, checksum };
  } catch (error) {
    // What the canary failed of matters more than what is left of it.
    await cleanUp(deps, folder, token, wasRead).catch((leftover: unknown) => {
      const text = `The canary was not removed: ${toStackError(leftover).message}`;
      emit({ kind: "note", level: "warning", text });
    });
    throw error;
  }
  await cleanUp(deps, folder, token, wasRead);
  return proof;
}

async function checkResults(deps: ProveDeps, token: string, content: string): Promise<string> {
  const { mlflow, system, signal } = deps;
  const wanted = experimentName(deps, token);
  const experiment = (await mlflow.experiments(signal)).find(({ name }) => name === wanted);
  if (experiment === undefined) throw wrong("its experiment", wanted, "none of that name");
  const [run] = await mlflow.runs({ experimentIds: [experiment.experimentId] }, signal);
  checkRun(run, token);
  const bytes = await readArtifact(deps, run, token);
  const [expected, found] = [system.digest(content), system.digest(hex(bytes))];
  if (expected !== found) throw wrong("its artifact's checksum", expected, found);
  return found;
}

/** From the bucket itself, or through the client where an MLflow elsewhere keeps it. */
async function readArtifact(deps: ProveDeps, run: MlflowRun, token: string): Promise<Uint8Array> {
  const { store, bucket, signal, elsewhere } = deps;
  if (elsewhere !== undefined) {
    const { content } = await readThroughClient(run, `${token}.bin`, await clientDeps(deps));
    if (content === undefined) throw wrong("its artifact", `${token}.bin of the run`, "none");
    return content;
  }
  const [object] = await store.objects(bucket, prefixOf(token), signal);
  if (object === undefined) throw wrong("its artifact", `an object below ${prefixOf(token)}`, "none");
  return await store.read(bucket, object.key, signal);
}

async function clientDeps({ engine, containers, bundled }: ProveDeps): Promise<ClientDeps> {
  return {
    program: await bundled.seedProgram("mlflow_artifacts.py"),
    exec: async (command) => await engine.exec(containers.scheduler.id, command, {}),
  };
}

function checkRun(run: MlflowRun | undefined, token: string): asserts run is MlflowRun {
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

/**
 * Nothing of the canary stays: no file, DAG, log, experiment or object, also after a failure or Ctrl-C. An MLflow
 * elsewhere keeps the deleted experiment until its own `mlflow gc`, which nobody but its host can run.
 */
async function cleanUp(deps: ProveDeps, folder: string, token: string, wasRead: boolean): Promise<void> {
  const { engine, containers, emit } = deps;
  const id = "prove:clean";
  emit({ kind: "step", id, status: "started", text: "removing the canary" });
  const removeFiles = async (): Promise<void> => {
    await removeCanary(engine, containers.scheduler, folder);
  };
  // The experiment goes last: a task at work might still make it. A log may have grown meanwhile.
  const removeDag = async (): Promise<void> => {
    await deleteCanaryDag(deps, wasRead);
  };
  const steps = [removeFiles, removeDag, removeFiles, () => removeExperiment(deps, token)];
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw toStackError(failures[0]);
  emit({ kind: "step", id, status: "done", text: "removed the canary" });
}

async function removeExperiment(deps: ProveDeps, token: string): Promise<void> {
  const { engine, containers, mlflow, elsewhere } = deps;
  const wanted = experimentName(deps, token);
  const experiment = (await mlflow.experiments()).find(({ name }) => name === wanted);
  if (experiment === undefined) return;
  const [run] = await mlflow.runs({ experimentIds: [experiment.experimentId] });
  if (elsewhere !== undefined && run !== undefined)
    await readThroughClient(run, `${token}.bin`, await clientDeps(deps), true);
  await mlflow.deleteExperiment(experiment.experimentId);
  if (containers.mlflow !== undefined) {
    await forgetExperiment(engine, containers.mlflow, experiment.experimentId);
  }
}

function experimentName({ elsewhere }: Pick<ProveDeps, "elsewhere">, token: string): string {
  return experimentPath(elsewhere, `stack-canary-${token}`);
}

function prefixOf(token: string): string {
  return `stack-canary/${token}/`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
