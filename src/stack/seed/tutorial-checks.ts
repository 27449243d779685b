import type { MlflowRun, RegisteredModel } from "../service-ports.ts";
import { check, checkExperiment, checkModelFiles, checkRun, differencesOf } from "./check.ts";
import { housingFeatures, type FeatureMeans, type HousingSummary } from "./housing.ts";
import type { Check } from "./seed-types.ts";
import { modelNamePart, type TutorialEvidence } from "./tutorial-evidence.ts";

export interface TutorialExpectation {
  /** Its name. */
  readonly experiment: string;
  /** The bucket that has the artifacts; undefined when an MLflow elsewhere has them. */
  readonly bucket: string | undefined;
  readonly runId: string;
  /** The file given with --dataset. */
  readonly dataset: { readonly file: string; readonly summary: HousingSummary } | undefined;
}

const MODEL_TAGS = { model_type: "regression", data: "housing" } as const;

/** Holds what a tutorial run left against what it should have left. */
export function checkTutorial(
  evidence: TutorialEvidence,
  expectation: TutorialExpectation,
): readonly Check[] {
  const { experiment, run, features, registeredModel, modelFiles } = evidence;
  const { bucket, runId, dataset } = expectation;
  return [
    checkExperiment(expectation.experiment, experiment, bucket),
    checkRun("Scaler", run, runId),
    checkMeans("means", `features.csv in ${bucket === undefined ? "MLflow" : "the bucket"}`, run, features),
    ...(dataset === undefined ? [] : [checkDataset(dataset, run)]),
    checkRegisteredModel(registeredModel, runId),
    checkModelFiles(modelFiles),
  ];
}

function checkDataset(
  { file, summary }: NonNullable<TutorialExpectation["dataset"]>,
  run: MlflowRun | undefined,
): Check {
  const checked = checkMeans("data set", file, run, summary);
  // The values themselves stand in the check before this one.
  return checked.outcome === "failed"
    ? checked
    : { ...checked, found: `the same means in ${summary.rows} rows of ${file}` };
}

function checkMeans(
  name: string,
  source: string,
  run: MlflowRun | undefined,
  summary: HousingSummary | undefined,
): Check {
  if (summary === undefined)
    return check(name, `the eight features in ${source}`, "nothing to compare with", false);
  const expected = `the eight means of ${summary.rows} rows of ${source}`;
  const differences = differencesOf(run?.metrics ?? {}, summary.means);
  const found = differences.length === 0 ? formatMeans(summary.means) : differences.join(", ");
  return check(name, expected, found, differences.length === 0);
}

function formatMeans(means: FeatureMeans): string {
  return housingFeatures.map((feature) => `${feature} ${means[feature].toFixed(6)}`).join(", ");
}

function checkRegisteredModel(model: RegisteredModel | undefined, runId: string): Check {
  const wanted = Object.entries(MODEL_TAGS);
  const expected = `a registered model for ${modelNamePart(runId)} with ${formatTags(MODEL_TAGS)}`;
  const found =
    model === undefined ? "no such model" : `${model.name} with ${formatTags(model.tags) || "no tags"}`;
  return check(
    "registered model",
    expected,
    found,
    wanted.every(([key, value]) => model?.tags[key] === value),
  );
}

function formatTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}
