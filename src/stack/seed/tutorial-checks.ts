import type { ModelFile } from "../client-artifacts.ts";
import type { MlflowRun, RegisteredModel } from "../service-ports.ts";
import { housingFeatures, type FeatureMeans, type HousingSummary } from "./housing.ts";
import type { Check } from "./seed-types.ts";
import { keyFromArtifactUri, modelNamePart, type TutorialEvidence } from "./tutorial-evidence.ts";

export interface TutorialExpectation {
  /** Its name. */
  readonly experiment: string;
  /** The bucket that has the artifacts; undefined when an MLflow elsewhere has them. */
  readonly bucket: string | undefined;
  readonly runId: string;
  /** The file given with --dataset. */
  readonly dataset: { readonly file: string; readonly summary: HousingSummary } | undefined;
}

/*
 * Adding 20640 numbers in another order moves a mean by 5e-12 of it at most (20640 times the rounding of a double),
 * while a single missing or changed row moves it by far more.
 */
const TOLERANCE = 1e-9;

const MODEL_TAGS = { model_type: "regression", data: "housing" } as const;

/** Holds what a tutorial run left against what it should have left. */
export function checkTutorial(
  evidence: TutorialEvidence,
  expectation: TutorialExpectation,
): readonly Check[] {
  const { experiment, run, features, registeredModel, modelFiles } = evidence;
  const { bucket, runId, dataset } = expectation;
  const name = `experiment ${expectation.experiment}`;
  const location = experiment?.artifactLocation;
  const isElsewhere = bucket === undefined;
  return [
    check(
      "experiment",
      `${name} with its artifacts ${isElsewhere ? "where its MLflow keeps them" : `in s3://${bucket}`}`,
      location === undefined ? "no such experiment" : `${name} with its artifacts in ${location}`,
      location !== undefined && (isElsewhere || keyFromArtifactUri(location, bucket) !== undefined),
    ),
    check(
      "run",
      `a finished run Scaler of ${runId}`,
      run === undefined ? "no such run" : `run Scaler ${run.runId}, ${run.status}`,
      run?.status === "FINISHED",
    ),
    checkMeans("means", `features.csv in ${isElsewhere ? "MLflow" : "the bucket"}`, run, features),
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
  const differences = housingFeatures.flatMap((feature) => {
    const found = run?.metrics[feature];
    const wanted = summary.means[feature];
    return found !== undefined && isClose(found, wanted)
      ? []
      : [`${feature} ${found ?? "missing"} instead of ${wanted}`];
  });
  const found = differences.length === 0 ? formatMeans(summary.means) : differences.join(", ");
  return check(name, expected, found, differences.length === 0);
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
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

function checkModelFiles(files: readonly ModelFile[]): Check {
  const names = files.map(({ key }) => key.slice(key.lastIndexOf("/") + 1));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const isWhole = names.includes("MLmodel") && files.every((file) => file.bytes > 0);
  const found = files.length === 0 ? "no files" : `${names.toSorted().join(", ")} (${bytes} bytes)`;
  return check(
    "model files",
    "the files of the logged model, MLmodel among them, none empty",
    found,
    isWhole,
  );
}

function check(name: string, expected: string, found: string, isRight: boolean): Check {
  return { name, outcome: isRight ? "passed" : "failed", expected, found };
}
