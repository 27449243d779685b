import { readThroughClient, type ModelFile } from "../client-artifacts.ts";
import type { Experiment, MlflowRun, RegisteredModel } from "../service-ports.ts";
import { parseFeatureCsv, type HousingSummary } from "./housing.ts";
import type { SeedDeps } from "./seed-types.ts";

/** What was found of a tutorial run; undefined for what is missing. */
export interface TutorialEvidence {
  readonly experiment: Experiment | undefined;
  /** The run `Scaler` that the DAG run left, whatever its status. */
  readonly run: MlflowRun | undefined;
  /** From the rows that the run keeps in the bucket. */
  readonly features: HousingSummary | undefined;
  readonly registeredModel: RegisteredModel | undefined;
  readonly modelFiles: readonly ModelFile[];
}

/** Looks up what the DAG run `runId` left in MLflow and in the bucket. */
export async function collectEvidence(
  deps: SeedDeps,
  dagId: string,
  runId: string,
): Promise<TutorialEvidence> {
  const { mlflow, signal, target } = deps;
  const wanted = experimentName(target);
  const experiment = (await mlflow.experiments(signal)).find(({ name }) => name === wanted);
  const run = experiment === undefined ? undefined : await findRun(deps, experiment, dagId, runId);
  const models = await mlflow.registeredModels(signal);
  const artifacts =
    experiment === undefined || run === undefined
      ? { features: undefined, modelFiles: [] }
      : await readArtifacts(deps, experiment, run);
  return {
    experiment,
    run,
    ...artifacts,
    registeredModel: models.find(({ name }) => name.includes(modelNamePart(runId))),
  };
}

/** The tutorial's experiment; Databricks has a folder in front of the name. */
export function experimentName({ mlflow }: Pick<SeedDeps["target"], "mlflow">): string {
  return [mlflow?.experimentFolder ?? "", "Housing"].filter((part) => part !== "").join("/");
}

/** A run id as the DAG writes it into a model's name, where MLflow allows neither character. */
export function modelNamePart(runId: string): string {
  return runId.replaceAll(/[:/]/gu, "-");
}

/** The key that an artifact URI means in the bucket; undefined when it lies elsewhere. */
export function keyFromArtifactUri(uri: string, bucket: string): string | undefined {
  // MLflow's server keeps what it is handed itself at the top of the same bucket.
  const prefix = [`s3://${bucket}/`, "mlflow-artifacts:/"].find((start) => uri.startsWith(start));
  if (prefix !== undefined) return uri.slice(prefix.length).replace(/\/$/u, "");
  return uri === `s3://${bucket}` ? "" : undefined;
}

/** The newest, since a task that was cleared in Airflow makes another run. */
async function findRun(
  { mlflow, signal }: SeedDeps,
  { experimentId }: Experiment,
  dagId: string,
  runId: string,
) {
  const filter = `tags.\`airflow.run_id\` = '${runId}' and tags.\`airflow.dag_id\` = '${dagId}'`;
  const runs = await mlflow.runs({ experimentIds: [experimentId], filter }, signal);
  return runs.find(({ name }) => name === "Scaler");
}

/** From the bucket itself, or through the client where an MLflow elsewhere keeps them. */
async function readArtifacts(
  deps: SeedDeps,
  experiment: Experiment,
  run: MlflowRun,
): Promise<Pick<TutorialEvidence, "features" | "modelFiles">> {
  const { bundled, compose, signal, target } = deps;
  if (target.mlflow === undefined) {
    return {
      features: await readFeatures(deps, run),
      modelFiles: await findModelFiles(deps, experiment, run),
    };
  }
  const { content, modelFiles } = await readThroughClient(run, "features.csv", {
    program: await bundled.seedProgram("mlflow_artifacts.py"),
    exec: async (command) =>
      await compose.exec(target.composeFile, target.airflowService, command, { signal }),
  });
  return { features: content && parseFeatureCsv(new TextDecoder().decode(content)), modelFiles };
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

/** A 3.x client keeps a model beside the runs, a 2.x client inside its run. */
async function findModelFiles({ store, signal, target }: SeedDeps, experiment: Experiment, run: MlflowRun) {
  const root = keyFromArtifactUri(experiment.artifactLocation, target.bucket);
  const ofRun = keyFromArtifactUri(run.artifactUri, target.bucket);
  const folders = [
    ...(root === undefined ? [] : run.modelIds.map((id) => `${root === "" ? "" : `${root}/`}models/${id}/`)),
    ...(ofRun === undefined ? [] : [`${ofRun}/scaler/`]),
  ];
  const listings = await Promise.all(folders.map((folder) => store.objects(target.bucket, folder, signal)));
  return listings.flat();
}
