import { describe, expect, test } from "vitest";
import { keyFromArtifactUri } from "../../../../src/stack/seed/run-evidence.ts";
import { collectEvidence, modelNamePart } from "../../../../src/stack/seed/tutorial-evidence.ts";
import { createSeedWorld } from "../../../support/seed-world.ts";

describe("an artifact URI", () => {
  test.each([
    ["s3://mlflow/housing", "housing"],
    ["s3://mlflow/housing/", "housing"],
    ["s3://mlflow/", ""],
    ["s3://mlflow", ""],
    ["mlflow-artifacts:/3/abc/artifacts", "3/abc/artifacts"],
    ["s3://other/housing", undefined],
    ["s3://mlflow-old/housing", undefined],
    ["/tmp/mlruns/1", undefined],
  ])("$0 is the key $1", (uri, key) => {
    expect(keyFromArtifactUri(uri, "mlflow")).toBe(key);
  });
});

test("a run id loses in a model's name what MLflow allows in none", () => {
  expect(modelNamePart("manual__2026-01-02T03:04:05+00:00/x")).toBe("manual__2026-01-02T03-04-05+00-00-x");
});

describe("evidence", () => {
  const runId = "manual__2026-01-02T03:04:05+00:00";
  const tags = { "airflow.dag_id": "mlflow_tutorial_dag", "airflow.run_id": runId };
  const run = {
    runId: "abc",
    experimentId: "7",
    name: "Scaler",
    status: "FINISHED",
    metrics: {},
    params: {},
    tags,
    artifactUri: "s3://mlflow/abc/artifacts",
    modelIds: [],
  };

  test("of a stack without any is empty", async () => {
    await expect(collectEvidence(createSeedWorld().deps, "mlflow_tutorial_dag", runId)).resolves.toEqual({
      experiment: undefined,
      run: undefined,
      features: undefined,
      registeredModel: undefined,
      modelFiles: [],
    });
  });

  test("is the newest run of this DAG run, and nobody else's", async () => {
    const { deps, mlflow } = createSeedWorld();
    mlflow.addExperiment({ experimentId: "7", name: "Housing", artifactLocation: "s3://mlflow" });
    mlflow.addRun({ ...run, runId: "first try" });
    mlflow.addRun({ ...run, runId: "second try" });
    mlflow.addRun({ ...run, runId: "another name", name: "Other" });
    mlflow.addRun({ ...run, runId: "another run", tags: { ...tags, "airflow.run_id": "manual__2027" } });
    const evidence = await collectEvidence(deps, "mlflow_tutorial_dag", runId);
    expect(evidence.run?.runId).toBe("second try");
  });

  test("finds a model's files where a 3.x client puts them", async () => {
    const { deps, mlflow, store } = createSeedWorld();
    mlflow.addExperiment({ experimentId: "7", name: "Housing", artifactLocation: "s3://mlflow" });
    mlflow.addRun({ ...run, modelIds: ["m-1"] });
    store.put("mlflow", "models/m-1/artifacts/MLmodel", "x");
    store.put("mlflow", "models/m-2/artifacts/MLmodel", "x");
    const { modelFiles } = await collectEvidence(deps, "mlflow_tutorial_dag", runId);
    expect(modelFiles.map(({ key }) => key)).toEqual(["models/m-1/artifacts/MLmodel"]);
  });

  test("finds a model's files where a 2.x client puts them", async () => {
    const { deps, mlflow, store } = createSeedWorld();
    mlflow.addExperiment({ experimentId: "7", name: "Housing", artifactLocation: "s3://mlflow" });
    mlflow.addRun(run);
    store.put("mlflow", "abc/artifacts/scaler/MLmodel", "x");
    const { modelFiles } = await collectEvidence(deps, "mlflow_tutorial_dag", runId);
    expect(modelFiles.map(({ key }) => key)).toEqual(["abc/artifacts/scaler/MLmodel"]);
  });
});
