import type { Experiment, MlflowRun, RegisteredModel, StoredObject } from "../service-ports.ts";
import { parseFeatureCsv, type HousingSummary } from "./housing.ts";
import { findModelFiles, findRun, keyFromArtifactUri } from "./run-evidence.ts";
import type { SeedDeps } from "./seed-types.ts";

/** What was found of a tutorial run; undefined for what is missing. */
export interface TutorialEvidence {
  readonly experiment: Experiment | undefined;
  /** The run `Scaler` that the DAG run left, whatever its status. */
  readonly run: MlflowRun | undefined;
  /** From the rows that the run keeps in the bucket. */
  readonly features: HousingSummary | undefined;
  readonly registeredModel: RegisteredModel | undefined;
  readonly modelFiles: readonly StoredObject[];
}

/** Looks up what the DAG run `runId` left in MLflow and in the bucket. */
export async function collectEvidence(
  deps: SeedDeps,
  dagId: string,
  runId: string,
): Promise<TutorialEvidence> {
  const { mlflow, signal } = deps;
  const experiment = (await mlflow.experiments(signal)).find(({ name }) => name === "Housing");
  const run =
    experiment === undefined ? undefined : await findRun(deps, experiment, { dagId, runId, name: "Scaler" });
  const models = await mlflow.registeredModels(signal);
  return {
    experiment,
    run,
    features: run === undefined ? undefined : await readFeatures(deps, run),
    registeredModel: models.find(({ name }) => name.includes(modelNamePart(runId))),
    modelFiles:
      experiment === undefined || run === undefined
        ? []
        : await findModelFiles(deps, experiment, run, "scaler"),
  };
}

/** A run id as the DAG writes it into a model's name, where MLflow allows neither character. */
export function modelNamePart(runId: string): string {
  return runId.replaceAll(/[:/]/gu, "-");
}

async function readFeatures(
  { store, signal, target }: SeedDeps,
  run: MlflowRun,
): Promise<HousingSummary | undefined> {
  const folder = keyFromArtifactUri(run.artifactUri, target.bucket);
  if (folder === undefined) return undefined;
  const key = `${folder}/features.csv`;
  const found = await store.objects(target.bucket, key, signal);
  if (found.length === 0) return undefined;
  return parseFeatureCsv(new TextDecoder().decode(await store.read(target.bucket, key, signal)));
}
