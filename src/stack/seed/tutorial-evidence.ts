import type { ModelFile } from "../client-artifacts.ts";
import { experimentPath } from "../mlflow-spec.ts";
import type { Experiment, MlflowRun, RegisteredModel } from "../service-ports.ts";
import { parseFeatureCsv, type HousingSummary } from "./housing.ts";
import { readArtifacts } from "./run-artifacts.ts";
import { findRun } from "./run-evidence.ts";
import type { SeedDeps } from "./seed-types.ts";

export const tutorialExperiment = "Housing";

/** What was found of a tutorial run; undefined for what is missing. */
export interface TutorialEvidence {
  readonly experiment: Experiment | undefined;
  /** The run `Scaler` that the DAG run left, whatever its status. */
  readonly run: MlflowRun | undefined;
  /** From the rows that the run keeps as an artifact. */
  readonly features: HousingSummary | undefined;
  readonly registeredModel: RegisteredModel | undefined;
  readonly modelFiles: readonly ModelFile[];
}

/** Looks up what the DAG run `runId` left in MLflow and where that keeps its files. */
export async function collectEvidence(
  deps: SeedDeps,
  dagId: string,
  runId: string,
): Promise<TutorialEvidence> {
  const { mlflow, signal, target } = deps;
  const wanted = experimentPath(target.mlflow, tutorialExperiment);
  const experiment = (await mlflow.experiments(signal)).find(({ name }) => name === wanted);
  const run =
    experiment === undefined ? undefined : await findRun(deps, experiment, { dagId, runId, name: "Scaler" });
  const models = await mlflow.registeredModels(signal);
  const { content, modelFiles } = await readArtifacts(deps, experiment, run, {
    path: "features.csv",
    model: "scaler",
  });
  return {
    experiment,
    run,
    features: content && parseFeatureCsv(new TextDecoder().decode(content)),
    modelFiles,
    registeredModel: models.find(({ name }) => name.includes(modelNamePart(runId))),
  };
}

/** A run id as the DAG writes it into a model's name, where MLflow allows neither character. */
export function modelNamePart(runId: string): string {
  return runId.replaceAll(/[:/]/gu, "-");
}
