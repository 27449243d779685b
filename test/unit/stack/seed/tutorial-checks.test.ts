import { describe, expect, test } from "vitest";
import type { FeatureMeans } from "../../../../src/stack/seed/housing.ts";
import { checkTutorial } from "../../../../src/stack/seed/tutorial-checks.ts";
import type { TutorialEvidence } from "../../../../src/stack/seed/tutorial-evidence.ts";

const means: FeatureMeans = {
  MedInc: 3.8706710029070246,
  HouseAge: 28.639486434108527,
  AveRooms: 5.428999742190365,
  AveBedrms: 1.0966751496062053,
  Population: 1425.4767441860465,
  AveOccup: 3.0706551594363742,
  Latitude: 35.63186143410853,
  Longitude: -119.56970445736432,
};
const modelFile = (name: string, bytes = 10) => ({
  key: `housing/models/m-1/artifacts/${name}`,
  bytes,
  modifiedAt: "2026-01-02T03:04:05Z",
});
const whole: TutorialEvidence = {
  experiment: { experimentId: "7", name: "Housing", artifactLocation: "s3://mlflow/housing" },
  run: {
    runId: "abc",
    experimentId: "7",
    name: "Scaler",
    status: "FINISHED",
    metrics: means,
    params: {},
    tags: {},
    artifactUri: "s3://mlflow/housing/abc/artifacts",
    modelIds: ["m-1"],
  },
  features: { rows: 20_640, means },
  registeredModel: {
    name: "housing-scaler-r-1",
    tags: { model_type: "regression", data: "housing" },
    aliases: {},
  },
  modelFiles: [modelFile("MLmodel"), modelFile("model.skops", 990)],
};
const expectation = { experiment: "Housing", bucket: "mlflow", runId: "r:1", dataset: undefined };
const dataset = { file: "housing.data", summary: { rows: 20_640, means } };

function failures(evidence: Partial<TutorialEvidence>, more = {}): string[] {
  return checkTutorial({ ...whole, ...evidence }, { ...expectation, ...more }).flatMap(
    ({ name, outcome, found }) => (outcome === "failed" ? `${name}: ${found}` : []),
  );
}
const withRun = (change: Partial<NonNullable<TutorialEvidence["run"]>>): Partial<TutorialEvidence> => ({
  run: whole.run && { ...whole.run, ...change },
});

describe("what the tutorial left", () => {
  test("passes when all is there", () => {
    const checks = checkTutorial(whole, expectation);
    expect(checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "experiment passed",
      "run passed",
      "means passed",
      "registered model passed",
      "model files passed",
    ]);
    expect(checks.at(-1)?.found).toBe("MLmodel, model.skops (1000 bytes)");
  });

  test("is held against the data file too when there is one", () => {
    expect(failures({}, { dataset })).toEqual([]);
    const other = { ...dataset, summary: { rows: 20_640, means: { ...means, MedInc: 4 } } };
    expect(failures({}, { dataset: other })).toEqual(["data set: MedInc 3.8706710029070246 instead of 4"]);
  });

  test("may differ by the rounding of a sum, and by no more", () => {
    expect(failures(withRun({ metrics: { ...means, MedInc: means.MedInc * (1 + 1e-11) } }))).toEqual([]);
    expect(failures(withRun({ metrics: { ...means, MedInc: means.MedInc * (1 + 1e-7) } }))).toHaveLength(1);
  });

  test.each<[string, Partial<TutorialEvidence>, string]>([
    ["no experiment", { experiment: undefined }, "experiment: no such experiment"],
    [
      "artifacts elsewhere",
      { experiment: { experimentId: "7", name: "Housing", artifactLocation: "s3://old/housing" } },
      "experiment: experiment Housing with its artifacts in s3://old/housing",
    ],
    ["a run that failed", withRun({ status: "FAILED" }), "run: run Scaler abc, FAILED"],
    [
      "a missing mean",
      withRun({ metrics: { ...means, AveRooms: Number.NaN } }),
      "means: AveRooms NaN instead of 5.428999742190365",
    ],
    ["no rows in the bucket", { features: undefined }, "means: nothing to compare with"],
    ["no model", { registeredModel: undefined }, "registered model: no such model"],
    [
      "a model with one tag",
      { registeredModel: { name: "m", tags: { data: "housing" }, aliases: {} } },
      "registered model: m with data=housing",
    ],
    [
      "a model without tags",
      { registeredModel: { name: "m", tags: {}, aliases: {} } },
      "registered model: m with no tags",
    ],
    ["no model files", { modelFiles: [] }, "model files: no files"],
    ["no MLmodel", { modelFiles: [modelFile("model.skops")] }, "model files: model.skops (10 bytes)"],
    ["an empty file", { modelFiles: [modelFile("MLmodel", 0)] }, "model files: MLmodel (0 bytes)"],
  ])("fails with $0, saying what was found", (_, evidence, failure) => {
    expect(failures(evidence)).toEqual([failure]);
  });

  test("fails without a run in each check that needs it", () => {
    expect(failures({ run: undefined, features: undefined })).toEqual([
      "run: no such run",
      "means: nothing to compare with",
    ]);
  });
});
