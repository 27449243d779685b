import type { ModelFile } from "../client-artifacts.ts";
import type { Artifact, Experiment, MlflowRun, ModelVersion, RegisteredModel } from "../service-ports.ts";
import { pipelineDags } from "./bundled-dags.ts";
import { recompute, type Recomputed, type RecomputeRequest } from "./recompute.ts";
import { readArtifacts } from "./run-artifacts.ts";
import { findRun, keyFromArtifactUri } from "./run-evidence.ts";
import type { SeedDeps } from "./seed-types.ts";

export const experimentName = "Diabetes";
export const registeredModel = "diabetes-ridge";
export const plotName = "predictions.png";

type Step = keyof typeof pipelineDags;

/** The DAG runs to look at; a step that didn't run has none. */
export type PipelineRuns = Readonly<Partial<Record<Step, string>>>;

/** What was found of the pipeline's runs; undefined for what is missing. */
export interface PipelineEvidence {
  readonly buckets: readonly string[];
  readonly experiment: Experiment | undefined;
  /** MLflow's runs. */
  readonly runs: Readonly<Record<Step, MlflowRun | undefined>>;
  readonly modelFiles: readonly ModelFile[];
  readonly registered: RegisteredModel | undefined;
  /** The version that the training registered. */
  readonly version: ModelVersion | undefined;
  readonly plot: { readonly artifact: Artifact | undefined; readonly content: Uint8Array | undefined };
  readonly recomputed: Recomputed;
}

const runNames = { features: "Features", training: "RidgeCV", predictions: "Predictions" } as const;

/** Looks up what the DAG runs left in MLflow and in the bucket, and computes it once more. */
export async function collectPipeline(deps: SeedDeps, dagRuns: PipelineRuns): Promise<PipelineEvidence> {
  const { mlflow, store, signal } = deps;
  const experiment = (await mlflow.experiments(signal)).find(({ name }) => name === experimentName);
  const runOf = async (step: Step): Promise<MlflowRun | undefined> => {
    const runId = dagRuns[step];
    return experiment === undefined || runId === undefined
      ? undefined
      : await findRun(deps, experiment, { dagId: pipelineDags[step], runId, name: runNames[step] });
  };
  const runs = {
    features: await runOf("features"),
    training: await runOf("training"),
    predictions: await runOf("predictions"),
  };
  const versions = await mlflow.modelVersions(registeredModel, signal);
  const version = versions.find(({ runId }) => runId === runs.training?.runId);
  return {
    buckets: await store.buckets(signal),
    experiment,
    runs,
    modelFiles: (await readArtifacts(deps, experiment, runs.training, { model: "model" })).modelFiles,
    registered: (await mlflow.registeredModels(signal)).find(({ name }) => name === registeredModel),
    version,
    plot: await findPlot(deps, experiment, runs.predictions),
    recomputed: await recompute(deps, await requestFor(deps, runs, version)),
  };
}

/** What can be computed again: everything whose model and files are there. */
async function requestFor(
  deps: SeedDeps,
  { features, training, predictions }: PipelineEvidence["runs"],
  version: ModelVersion | undefined,
): Promise<RecomputeRequest> {
  const [scaler, used] = [features?.modelIds[0], predictions?.tags["model_version"]];
  const train = await storedFile(deps, features, "train_csv");
  const test = await storedFile(deps, features, "test_csv");
  const trained = await storedFile(deps, training, "train_csv");
  const rows = await storedFile(deps, predictions, "test_csv");
  const stored = await storedFile(deps, predictions, "predictions_csv");
  return {
    ...(scaler !== undefined &&
      train !== undefined &&
      test !== undefined && { features: { scaler: `models:/${scaler}`, train, test } }),
    ...(version !== undefined &&
      trained !== undefined && {
        training: { model: `models:/${registeredModel}/${version.version}`, rows: trained },
      }),
    ...(used !== undefined &&
      rows !== undefined &&
      stored !== undefined && {
        predictions: { model: `models:/${registeredModel}/${used}`, rows, stored },
      }),
  };
}

/** The URI in a run's tag, if the bucket has that object. */
async function storedFile(
  { store, signal, target }: SeedDeps,
  run: MlflowRun | undefined,
  tag: string,
): Promise<string | undefined> {
  const uri = run?.tags[tag];
  const key = uri === undefined ? undefined : keyFromArtifactUri(uri, target.bucket);
  if (key === undefined) return undefined;
  const found = await store.objects(target.bucket, key, signal);
  return found.some((object) => object.key === key) ? uri : undefined;
}

/** The plot as MLflow lists it, and as it lies where MLflow keeps it. */
async function findPlot(
  deps: SeedDeps,
  experiment: Experiment | undefined,
  run: MlflowRun | undefined,
): Promise<PipelineEvidence["plot"]> {
  if (run === undefined) return { artifact: undefined, content: undefined };
  const artifacts = await deps.mlflow.artifacts(run.runId, deps.signal);
  const artifact = artifacts.find(({ path }) => path === plotName);
  if (artifact === undefined) return { artifact, content: undefined };
  const { content } = await readArtifacts(deps, experiment, run, { path: plotName });
  return { artifact, content };
}
