import { beforeAll, describe, expect, test } from "vitest";
import type { Mlflow, MlflowRun } from "../../src/stack/service-ports.ts";

/** What a test writes into MLflow; ids are MLflow's to give. */
export interface MlflowWriter {
  createExperiment(name: string, artifactLocation: string): Promise<string>;
  createRun(
    experimentId: string,
    run: Pick<MlflowRun, "name" | "metrics" | "params" | "tags"> & { readonly modelName?: string },
  ): Promise<Pick<MlflowRun, "runId" | "modelIds">>;
  createRegisteredModel(name: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** Registers what a run logged, and points an alias to it; the version. */
  createModelVersion(name: string, runId: string, alias: string): Promise<string>;
}

export interface MlflowWorld extends MlflowWriter {
  readonly mlflow: Mlflow;
}

/** What every MLflow port keeps to. Writes under names that nobody else uses. */
export function describeMlflowContract(name: string, makeWorld: () => Promise<MlflowWorld>): void {
  describe(`${name} keeps the MLflow contract`, () => {
    const unique = `contract-${Date.now()}`;
    const run = {
      name: "Scaler",
      metrics: { MedInc: 3.870671002907349, gap: Number.NaN },
      params: { with_mean: "True" },
      tags: { "airflow.run_id": "manual__2026-01-02T03:04:05+00:00", dataset_source: "downloaded" },
    };
    let world: MlflowWorld;
    let experimentId: string;
    let first: Pick<MlflowRun, "runId" | "modelIds">;
    let second: Pick<MlflowRun, "runId" | "modelIds">;
    beforeAll(async () => {
      world = await makeWorld();
      experimentId = await world.createExperiment(unique, `s3://mlflow/${unique}`);
      first = await world.createRun(experimentId, { ...run, modelName: "scaler" });
      second = await world.createRun(experimentId, { ...run, tags: { "airflow.run_id": "another" } });
      await world.createRegisteredModel(`${unique}-bare`, {});
      await world.createRegisteredModel(unique, { model_type: "regression", data: "housing" });
    });

    test("answers a ping, and refuses a POST to its page", async () => {
      await expect(world.mlflow.ping()).resolves.toBeUndefined();
      // Its page is for GET alone; where it asks for logins, a POST also needs the token of one of its forms.
      expect([403, 405]).toContain(await world.mlflow.testButtonStatus());
    });

    test("lists experiments with their artifact locations", async () => {
      const found = (await world.mlflow.experiments()).filter((one) => one.name === unique);
      expect(found).toEqual([{ experimentId, name: unique, artifactLocation: `s3://mlflow/${unique}` }]);
    });

    test("gives a run with all that was recorded of it", async () => {
      const runs = await world.mlflow.runs({ experimentIds: [experimentId] });
      const found = runs.find(({ runId }) => runId === first.runId);
      expect(found).toMatchObject({ ...run, runId: first.runId, experimentId, status: "FINISHED" });
      expect(found?.artifactUri).toBe(`s3://mlflow/${unique}/${first.runId}/artifacts`);
      expect(found?.modelIds).toEqual(first.modelIds);
      expect(found?.modelIds).toHaveLength(1);
    });

    test("gives the newest run first", async () => {
      const runs = await world.mlflow.runs({ experimentIds: [experimentId] });
      expect(runs.map(({ runId }) => runId)).toEqual([second.runId, first.runId]);
    });

    test("finds runs by their tags", async () => {
      const filter = `tags.\`airflow.run_id\` = '${run.tags["airflow.run_id"]}' and tags.\`dataset_source\` = 'downloaded'`;
      const runs = await world.mlflow.runs({ experimentIds: [experimentId], filter });
      expect(runs.map(({ runId }) => runId)).toEqual([first.runId]);
    });

    test("finds no runs in no experiment", async () => {
      await expect(world.mlflow.runs({ experimentIds: [] })).resolves.toEqual([]);
    });

    test("lists registered models with their tags and aliases, and their versions", async () => {
      const version = await world.createModelVersion(unique, first.runId, "champion");
      const found = (await world.mlflow.registeredModels()).filter((one) => one.name === unique);
      expect(found).toEqual([
        {
          name: unique,
          tags: { model_type: "regression", data: "housing" },
          aliases: { champion: version },
        },
      ]);
      await expect(world.mlflow.modelVersions(unique)).resolves.toEqual([
        { version, runId: first.runId, status: "READY" },
      ]);
    });

    test.each(["-bare", "-unknown"])("finds no versions of a model that has none (%s)", async (end) => {
      await expect(world.mlflow.modelVersions(unique + end)).resolves.toEqual([]);
    });

    test("lists no artifacts of a run without any", async () => {
      await expect(world.mlflow.artifacts(second.runId)).resolves.toEqual([]);
    });

    test("refuses a filter that it can't read in its own words", async () => {
      const runs = world.mlflow.runs({ experimentIds: [experimentId], filter: "no such thing" });
      await expect(runs).rejects.toMatchObject({
        code: "MLFLOW_REFUSED",
        message: expect.stringContaining("INVALID_PARAMETER_VALUE"),
      });
    });

    test("stops when it is interrupted", async () => {
      await expect(world.mlflow.experiments(AbortSignal.abort())).rejects.toMatchObject({
        code: "INTERRUPTED",
      });
    });
  });
}
