import { readThroughClient, type ClientArtifacts, type ModelFile } from "../client-artifacts.ts";
import type { Experiment, MlflowRun } from "../service-ports.ts";
import { keyFromArtifactUri } from "./run-evidence.ts";
import type { SeedDeps } from "./seed-types.ts";

export interface ArtifactQuestion {
  /** A file of the run's. */
  readonly path?: string;
  /** The name that the run's model was logged with. */
  readonly model?: string;
}

/** What a run left: read from the bucket itself, or through the client where an MLflow elsewhere keeps it. */
export async function readArtifacts(
  deps: SeedDeps,
  experiment: Experiment | undefined,
  run: MlflowRun | undefined,
  { path, model }: ArtifactQuestion,
): Promise<ClientArtifacts> {
  const { bundled, compose, signal, target } = deps;
  if (experiment === undefined || run === undefined) return { content: undefined, modelFiles: [] };
  if (target.mlflow === undefined) {
    return {
      content: path === undefined ? undefined : await readObject(deps, run, path),
      modelFiles: model === undefined ? [] : await findModelFiles(deps, experiment, run, model),
    };
  }
  const asked = { runId: run.runId, modelIds: model === undefined ? [] : run.modelIds, model };
  return await readThroughClient(asked, path, {
    program: await bundled.seedProgram("mlflow_artifacts.py"),
    exec: async (command) => await compose.exec(target.project, target.airflowService, command, { signal }),
  });
}

async function readObject(
  { store, signal, target }: SeedDeps,
  run: MlflowRun,
  path: string,
): Promise<Uint8Array | undefined> {
  const folder = keyFromArtifactUri(run.artifactUri, target.bucket);
  if (folder === undefined) return undefined;
  const key = `${folder}/${path}`;
  const found = await store.objects(target.bucket, key, signal);
  return found.some((object) => object.key === key)
    ? await store.read(target.bucket, key, signal)
    : undefined;
}

/** A 3.x client keeps a model beside the runs, a 2.x client inside its run, under the name it was logged with. */
async function findModelFiles(
  { store, signal, target }: SeedDeps,
  experiment: Experiment,
  run: MlflowRun,
  name: string,
): Promise<readonly ModelFile[]> {
  const root = keyFromArtifactUri(experiment.artifactLocation, target.bucket);
  const ofRun = keyFromArtifactUri(run.artifactUri, target.bucket);
  const folders = [
    ...(root === undefined ? [] : run.modelIds.map((id) => `${root === "" ? "" : `${root}/`}models/${id}/`)),
    ...(ofRun === undefined ? [] : [`${ofRun}/${name}/`]),
  ];
  const listings = await Promise.all(folders.map((folder) => store.objects(target.bucket, folder, signal)));
  return listings.flat();
}
