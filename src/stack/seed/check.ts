import type { ModelFile } from "../client-artifacts.ts";
import type { Experiment, MlflowRun } from "../service-ports.ts";
import { keyFromArtifactUri } from "./run-evidence.ts";
import type { Check } from "./seed-types.ts";

export function check(name: string, expected: string, found: string, isRight: boolean): Check {
  return { name, outcome: isRight ? "passed" : "failed", expected, found };
}

/*
 * Adding numbers in another order moves a mean by the rounding of a double for each of them, 5e-12 of it at most for
 * 20640 rows, while a single missing or changed row moves it by far more.
 */
const TOLERANCE = 1e-9;

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

/** Each wanted number under a name, held against what was found there; empty when all are the same but for rounding. */
export function differencesOf(
  found: Readonly<Record<string, number>>,
  wanted: Readonly<Record<string, number>>,
): readonly string[] {
  return Object.entries(wanted).flatMap(([name, value]) => {
    const number = found[name];
    return number !== undefined && isClose(number, value)
      ? []
      : [`${name} ${number ?? "missing"} instead of ${value}`];
  });
}

/** The files of a logged model, as the store or the client lists them. */
export function checkModelFiles(files: readonly ModelFile[]): Check {
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

/** Without a bucket the artifacts may lie anywhere: an MLflow elsewhere has a place of its own for them. */
export function checkExperiment(
  name: string,
  experiment: Experiment | undefined,
  bucket: string | undefined,
): Check {
  const location = experiment?.artifactLocation;
  return check(
    "experiment",
    `experiment ${name} with its artifacts ${bucket === undefined ? "where its MLflow keeps them" : `in s3://${bucket}`}`,
    location === undefined ? "no such experiment" : `experiment ${name} with its artifacts in ${location}`,
    location !== undefined && (bucket === undefined || keyFromArtifactUri(location, bucket) !== undefined),
  );
}

export function checkRun(name: string, run: MlflowRun | undefined, runId: string): Check {
  return check(
    "run",
    `a finished run ${name} of ${runId}`,
    run === undefined ? "no such run" : `run ${name} ${run.runId}, ${run.status}`,
    run?.status === "FINISHED",
  );
}
