import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SeedResult } from "../../src/stack/seed/seed-types.ts";
import { objectKeys } from "../support/bucket.ts";
import { latestResults } from "../support/dag-results.ts";
import { repository } from "../support/run.ts";
import { callServices, type LiveServices } from "../support/services.ts";
import { createTestProject, type TestProject } from "../support/test-project.ts";

/*
 * Every operator and hook of airflow-provider-mlflow on one stack. Airflow says what a task handed on; MLflow and the
 * bucket are asked themselves for what it did.
 */
let project: TestProject;
let services: LiveServices;

beforeAll(async () => {
  project = await createTestProject("provider");
  await cp(join(repository, "test", "fixtures", "provider-dags"), project.path("dags"), { recursive: true });
  const { status, stderr } = await project.stack("up");
  if (status !== 0) throw new Error(stderr);
  services = await callServices(project);
});
afterAll(async () => {
  await project.dispose();
});

async function expectToSucceed(...dagIds: readonly string[]): Promise<void> {
  const { status, json, stderr } = await project.stackJson<SeedResult>("seed", ...dagIds);
  expect(status, JSON.stringify(json) + stderr).toBe(0);
}

interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly current_stage: string;
  readonly description: string;
  readonly source: string;
  readonly run_id: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}
interface VersionAnswer {
  readonly model_version: ModelVersion;
}

describe("the registry operators", () => {
  test("run one after the other", async () => {
    await expectToSucceed("provider_registry");
  });

  test("create a model and two versions of it, as MLflow has them", async () => {
    const results = await latestResults(services, "provider_registry");
    const trained = await results.of<{ run_id: string; location: string }>("train");

    const { registered_model: model } = await services.mlflow<{ registered_model: object }>(
      "registered-models/get?name=provider-model",
    );
    expect(model).toMatchObject({
      description: "a straight line",
      tags: [{ key: "dag", value: "provider_registry" }],
    });
    const { model_version: version } = await services.mlflow<VersionAnswer>(
      "model-versions/get?name=provider-model&version=1",
    );
    expect(version).toMatchObject({
      description: "stays",
      source: trained.location,
      run_id: trained.run_id,
      tags: [{ key: "made_by", value: "create_version" }],
    });
    expect(await results.of("create_model")).toMatchObject({ registered_model: { name: "provider-model" } });
    expect(await results.of("create_second_version")).toMatchObject({ model_version: { version: "2" } });
  });

  test("move a version to a stage, as MLflow has it", async () => {
    const results = await latestResults(services, "provider_registry");

    expect(await results.of("transition_version")).toMatchObject({
      model_version: { version: "1", current_stage: "Production" },
    });
    const { model_version: version } = await services.mlflow<VersionAnswer>(
      "model-versions/get?name=provider-model&version=1",
    );
    expect(version.current_stage).toBe("Production");
  });

  test("get a version, the latest versions and a model", async () => {
    const results = await latestResults(services, "provider_registry");
    const latest = async (taskId: string): Promise<readonly string[]> =>
      (await results.of<{ model_versions: ModelVersion[] }>(taskId)).model_versions
        .map(({ version, current_stage: stage }) => `${version} ${stage}`)
        .toSorted();

    expect(await results.of("get_version")).toMatchObject({
      model_version: { version: "1", description: "stays", current_stage: "Production" },
    });
    expect(await latest("latest_of_all_stages")).toEqual(["1 Production", "2 None"]);
    expect(await latest("latest_in_production")).toEqual(["1 Production"]);
    expect(await results.of("get_model")).toMatchObject({
      registered_model: { name: "provider-model", latest_versions: [{ version: "1" }] },
    });
  });

  test("delete a version and a model, and nothing of the files", async () => {
    const gone = /404.*RESOURCE_DOES_NOT_EXIST/su;
    await expect(services.mlflow("model-versions/get?name=provider-model&version=2")).rejects.toThrow(gone);
    await expect(services.mlflow("registered-models/get?name=provider-short-lived")).rejects.toThrow(gone);

    const { model_version: version } = await services.mlflow<VersionAnswer>(
      "model-versions/get?name=provider-model&version=1",
    );
    const prefix = version.source.replace("s3://mlflow/", "");
    expect(await objectKeys(project, prefix)).toContain(`${prefix}/MLmodel`);
  });
});

describe("the client hook", () => {
  test("creates, finds, and hands back a refusal like any answer", async () => {
    await expectToSucceed("provider_client_hook");

    const { experiment } = await services.mlflow<{ experiment: { experiment_id: string } }>(
      "experiments/get-by-name?experiment_name=made-by-the-client-hook",
    );
    const results = await latestResults(services, "provider_client_hook");
    expect(await results.of("call")).toEqual({
      created: experiment.experiment_id,
      found: experiment.experiment_id,
      refused: [404, "RESOURCE_DOES_NOT_EXIST"],
    });
  });
});
