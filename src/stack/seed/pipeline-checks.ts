import { check, checkExperiment, checkModelFiles, checkRun, differencesOf } from "./check.ts";
import {
  experimentName,
  plotName,
  registeredModel,
  type PipelineEvidence,
  type PipelineRuns,
} from "./pipeline-evidence.ts";
import type { Recomputed } from "./recompute.ts";
import type { Check } from "./seed-types.ts";

const ALIAS = "champion";
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;

export interface PipelineExpectation {
  /** The bucket that has the tables, wherever MLflow runs. */
  readonly bucket: string;
  /** Whether MLflow keeps the files of its runs in a place of its own. */
  readonly isElsewhere: boolean;
}

type PipelineCheck = (
  evidence: PipelineEvidence,
  runs: PipelineRuns,
  expectation: PipelineExpectation,
) => readonly Check[];

/** Holds what feature_eng left against the raw data, scaled once more by the stored scaler. */
export const checkFeatures: PipelineCheck = (
  { buckets, experiment, runs, recomputed },
  dagRuns,
  { bucket, isElsewhere },
) => [
  check("bucket", `bucket ${bucket}`, `bucket ${buckets.join(", ")}`, buckets.includes(bucket)),
  checkExperiment(experimentName, experiment, isElsewhere ? undefined : bucket),
  checkRun("Features", runs.features, dagRuns.features ?? ""),
  checkParts(recomputed.features),
  checkNumbers("means", "mean_", runs.features?.metrics, recomputed.features?.means),
];

/** Holds what train left against the registered model, asked once more about the rows it was trained on. */
export const checkTraining: PipelineCheck = (
  { runs, modelFiles, registered, version, recomputed },
  dagRuns,
) => {
  const name = `${registeredModel} version ${version?.version ?? "?"}`;
  const aliased = registered?.aliases[ALIAS];
  return [
    checkRun("RidgeCV", runs.training, dagRuns.training ?? ""),
    checkParams(runs.training?.params, recomputed.training?.params),
    checkNumbers("autologged metrics", "training_", runs.training?.metrics, recomputed.training?.errors),
    checkModelFiles(modelFiles),
    check(
      "registered version",
      `a version of ${registeredModel} that is ready, from run ${runs.training?.runId ?? "?"}`,
      version === undefined ? "no such version" : `${name}, ${version.status}`,
      version?.status === "READY",
    ),
    check(
      "alias",
      `${ALIAS} is ${name}`,
      aliased === undefined ? "no such alias" : `${ALIAS} is ${registeredModel} version ${aliased}`,
      aliased !== undefined && aliased === version?.version,
    ),
  ];
};

/** Holds what predict left against the predictions of the registered model, made once more. */
export const checkPredictions: PipelineCheck = ({ runs, registered, version, plot, recomputed }, dagRuns) => {
  const used = runs.predictions?.tags["model_version"];
  const wanted = version?.version ?? registered?.aliases[ALIAS];
  const { predictions } = recomputed;
  return [
    checkRun("Predictions", runs.predictions, dagRuns.predictions ?? ""),
    check(
      "model used",
      `${registeredModel} version ${wanted ?? "?"}`,
      `${registeredModel} version ${used ?? "unknown"}`,
      used !== undefined && used === wanted,
    ),
    checkFile(predictions),
    checkNumbers("metrics", "test_", runs.predictions?.metrics, testErrors(predictions)),
    checkPlot(plot),
  ];
};

function checkFile(predictions: Recomputed["predictions"]): Check {
  const expected = "the stored file, byte for byte, when the registered model predicts again";
  if (predictions === undefined) return check("predictions", expected, "nothing to compare with", false);
  const { rows, stored, recomputed } = predictions;
  const isSame = stored === recomputed;
  const outcome = isSame
    ? ", the same when the registered model predicts again"
    : ` instead of ${recomputed}`;
  return check("predictions", expected, `${rows} rows, SHA-256 ${stored}${outcome}`, rows > 0 && isSame);
}

function checkParts(features: Recomputed["features"]): Check {
  const expected =
    "each row of the data set in one of two files, byte for byte as the stored scaler scales it";
  if (features === undefined) return check("features", expected, "nothing to compare with", false);
  const { train, test, total, once } = features;
  const differing = [
    ...(train.stored === train.recomputed
      ? []
      : [`train.csv is ${train.stored} instead of ${train.recomputed}`]),
    ...(test.stored === test.recomputed ? [] : [`test.csv is ${test.stored} instead of ${test.recomputed}`]),
    ...(once === total && train.rows + test.rows === total
      ? []
      : [`${once} of ${total} rows in exactly one file`]),
  ];
  const found = `${train.rows} rows for training, ${test.rows} for testing, the same when scaled again`;
  return check("features", expected, differing.join(", ") || found, differing.length === 0);
}

/** The parameters that autologging took from the estimator, held against those of the stored model. */
function checkParams(
  found: Readonly<Record<string, string>> = {},
  wanted: Readonly<Record<string, string>> = {},
): Check {
  const names = Object.keys(wanted);
  const differing = names.filter((name) => found[name] !== wanted[name]);
  return check(
    "autologged params",
    `the parameters of the stored model${names.length === 0 ? "" : `: ${names.join(", ")}`}`,
    differing.length === 0
      ? names.join(", ") || "nothing to compare with"
      : differing.map((name) => `${name} ${found[name] ?? "missing"} instead of ${wanted[name]}`).join(", "),
    names.length > 0 && differing.length === 0,
  );
}

/** Metrics that a run has under a prefix, held against the numbers that were computed again. */
function checkNumbers(
  name: string,
  prefix: string,
  metrics: Readonly<Record<string, number>> = {},
  numbers: Readonly<Record<string, number>> = {},
): Check {
  const wanted = Object.fromEntries(
    Object.entries(numbers).map(([key, value]) => [`${prefix}${key}`, value] as const),
  );
  const differences = differencesOf(metrics, wanted);
  const words = Object.entries(wanted).map(([key, value]) => `${key} ${value.toFixed(6)}`);
  return check(
    name,
    words.length === 0 ? "numbers to compare with" : words.join(", "),
    differences.join(", ") || words.join(", ") || "nothing to compare with",
    words.length > 0 && differences.length === 0,
  );
}

/** Of the errors that can be computed, those that the DAG logs. */
function testErrors(predictions: Recomputed["predictions"]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(predictions?.errors ?? {}).filter(
      ([name]) => name === "mean_absolute_error" || name === "r2_score",
    ),
  );
}

function checkPlot({ artifact, content }: PipelineEvidence["plot"]): Check {
  const isPng = PNG_SIGNATURE.every((byte, index) => content?.[index] === byte);
  const found =
    artifact === undefined
      ? "no such artifact"
      : `${artifact.path}, ${artifact.bytes} bytes${isPng ? "" : ", which is no PNG image"}`;
  return check(
    "plot",
    `an artifact ${plotName} of the run, a PNG image`,
    found,
    artifact !== undefined && isPng && content?.byteLength === artifact.bytes,
  );
}
