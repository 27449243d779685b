import { describe, expect, test } from "vitest";
import { seed } from "../../../../src/stack/seed/seed.ts";
import type { SeedOptions } from "../../../../src/stack/seed/seed-types.ts";
import type { PipelineTraces } from "../../../support/fake-pipeline.ts";
import { createSeedWorld } from "../../../support/seed-world.ts";

const options: SeedOptions = {
  dags: ["feature_eng", "train", "predict"],
  dataset: undefined,
  run: true,
  timeoutMs: 120_000,
};

describe("seeding all", () => {
  test("runs the tutorial and the pipeline, of which each DAG is started by the one before", async () => {
    const { deps, airflow, events } = createSeedWorld();
    const { dags } = await seed(deps, { ...options, dags: "all" });
    expect(dags.map(({ dagId, startedBy, run }) => [dagId, startedBy, run?.runId.split("__")[0]])).toEqual([
      ["mlflow_tutorial_dag", undefined, "manual"],
      ["feature_eng", undefined, "manual"],
      ["train", "feature_eng", "asset_triggered"],
      ["predict", "train", "asset_triggered"],
    ]);
    expect(dags.map(({ run }) => run?.runId)).toEqual(dags.flatMap(({ dagId }) => airflow.runIds(dagId)));
    const checks = dags.slice(1).map((dag) => dag.checks.map(({ name, outcome }) => `${name} ${outcome}`));
    expect(checks).toEqual([
      ["bucket passed", "experiment passed", "run passed", "features passed", "means passed"],
      [
        "run passed",
        "autologged params passed",
        "autologged metrics passed",
        "model files passed",
        "registered version passed",
        "alias passed",
      ],
      ["run passed", "model used passed", "predictions passed", "metrics passed", "plot passed"],
    ]);
    expect(events.at(-1)).toMatchObject({
      id: "verify:feature_eng, train, predict",
      status: "done",
      detail: "16 of 16 as expected",
    });
  });

  test("runs on the classic line what ships for it", async () => {
    const { deps } = createSeedWorld({ line: "classic" });
    const { dags } = await seed(deps, { ...options, dags: "all" });
    expect(dags.map(({ dagId }) => dagId)).toEqual(["mlflow_tutorial_dag"]);
    expect(dags[0]?.checks.length).toBeGreaterThan(0);
  });

  test("takes a DAG of the user's own for one, though another line has that name", async () => {
    const project = { "dags/train.py": "mine" };
    const own = { mine: { train: { tasks: ["fit"] } } };
    const { deps } = createSeedWorld({ line: "classic", project, dags: own });
    const { dags } = await seed(deps, { ...options, dags: ["train"] });
    expect(dags).toMatchObject([{ placement: "own", run: { state: "success" }, checks: [] }]);
  });

  test("a second time verifies the newest runs and the version that they made", async () => {
    const { deps } = createSeedWorld();
    await seed(deps, { ...options, dags: "all" });
    const { dags } = await seed(deps, { ...options, dags: "all" });
    const found = dags.flatMap(({ checks }) => checks).find(({ name }) => name === "model used")?.found;
    expect(found).toBe("diabetes-ridge version 2");
  });

  test("links to the pages of each run, and to the model where it was made", async () => {
    const { dags } = await seed(createSeedWorld().deps, options);
    expect(dags.map(({ links }) => links.map(({ title }) => title))).toEqual([
      ["Airflow run", "MLflow run", "bucket"],
      ["Airflow run", "MLflow run", "registered model", "bucket"],
      ["Airflow run", "MLflow run", "bucket"],
    ]);
  });
});

describe("a DAG of the pipeline by itself", () => {
  test("is triggered, and verified as far as it goes", async () => {
    const { deps, airflow } = createSeedWorld();
    await seed(deps, options);
    const { dags } = await seed(deps, { ...options, dags: ["predict"] });
    expect(dags).toMatchObject([{ dagId: "predict", startedBy: undefined }]);
    expect(dags[0]?.checks.every(({ outcome }) => outcome === "passed")).toBe(true);
    expect(airflow.runIds("train")).toHaveLength(1);
  });

  test("has to have used the version that the alias points to", async () => {
    const { deps, mlflow } = createSeedWorld();
    await seed(deps, options);
    mlflow.addRegisteredModel({ name: "diabetes-ridge", tags: {}, aliases: { champion: "7" } });
    await expect(seed(deps, { ...options, dags: ["predict"] })).rejects.toMatchObject({
      code: "VERIFY_FAILED",
      message: expect.stringContaining(
        "model used: expected diabetes-ridge version 7, found diabetes-ridge version 1",
      ),
    });
  });
});

const spoiled: readonly (readonly [string, (traces: PipelineTraces) => void, string])[] = [
  [
    "other features",
    ({ recomputed }) =>
      Object.assign(recomputed.features, { test: { rows: 111, stored: "x", recomputed: "y" } }),
    "feature_eng succeeded, but features: expected each row of the data set in one of two files, byte for byte as the stored scaler scales it, found test.csv is x instead of y.",
  ],
  [
    "a row in both files",
    ({ recomputed }) => Object.assign(recomputed.features, { once: 441 }),
    "found 441 of 442 rows in exactly one file",
  ],
  [
    "a wrong mean",
    ({ recomputed }) => Object.assign(recomputed.features, { means: { age: 48 } }),
    "means: expected mean_age 48.000000, found mean_age 48.5 instead of 48",
  ],
  [
    "a missing file of features",
    ({ store }) => {
      store.delete("mlflow", "data/test.csv");
    },
    "features: expected each row",
  ],
  [
    "other parameters",
    ({ recomputed }) => Object.assign(recomputed.training, { params: { cv: "5" } }),
    "train succeeded, but autologged params: expected the parameters of the stored model: cv, found cv None instead of 5.",
  ],
  [
    "no autologged metrics",
    ({ mlflow }) => {
      mlflow.changeRun("ridgecv2", { metrics: {} });
    },
    "autologged metrics: expected training_mean_absolute_error 4.000000, training_mean_squared_error 25.000000, training_r2_score 0.500000, found training_mean_absolute_error missing instead of 4",
  ],
  [
    "an alias on another version",
    ({ mlflow }) => {
      mlflow.addRegisteredModel({ name: "diabetes-ridge", tags: {}, aliases: { champion: "7" } });
    },
    "alias: expected champion is diabetes-ridge version 1, found champion is diabetes-ridge version 7",
  ],
  [
    "no alias",
    ({ mlflow }) => {
      mlflow.addRegisteredModel({ name: "diabetes-ridge", tags: {}, aliases: {} });
    },
    "found no such alias",
  ],
  [
    "no model files",
    ({ store }) => {
      store.delete("mlflow", "diabetes/models/m-ridgecv2/artifacts/MLmodel");
    },
    "model files: expected",
  ],
  [
    "predictions that the model does not make",
    ({ recomputed }) => Object.assign(recomputed.predictions, { recomputed: "other" }),
    "predict succeeded, but predictions: expected the stored file, byte for byte, when the registered model predicts again, found 111 rows, SHA-256 c3 instead of other.",
  ],
  [
    "an empty file of predictions",
    ({ recomputed }) => Object.assign(recomputed.predictions, { rows: 0 }),
    "predictions: expected the stored file",
  ],
  [
    "no predictions",
    ({ store }) => {
      store.delete("mlflow", "data/predictions.csv");
    },
    "predictions: expected the stored file, byte for byte, when the registered model predicts again, found nothing to compare with; metrics: expected numbers to compare with, found nothing to compare with",
  ],
  [
    "no run that bears the DAG run's name",
    ({ mlflow }) => {
      mlflow.changeRun("predictions3", { tags: {} });
    },
    "run: expected a finished run Predictions of asset_triggered__",
  ],
  [
    "a plot that is no image",
    ({ store }) => {
      store.put("mlflow", "diabetes/predictions3/artifacts/predictions.png", "hello");
    },
    "plot: expected an artifact predictions.png of the run, a PNG image, found predictions.png, 10 bytes, which is no PNG image",
  ],
];

describe("the pipeline's results", () => {
  test.each(spoiled)("fail with $0, naming what was expected and what was found", async (_, spoil, words) => {
    const { deps, events } = createSeedWorld({ spoilPipeline: spoil });
    await expect(seed(deps, options)).rejects.toMatchObject({
      code: "VERIFY_FAILED",
      message: expect.stringContaining(words),
    });
    expect(events.at(-1)).toMatchObject({ id: "verify:feature_eng, train, predict", status: "failed" });
  });

  test("can't be judged when they can't be computed again, and that is said", async () => {
    const exec = { exitCode: 1, stderr: "Traceback\nModuleNotFoundError: No module named 'sklearn'\n" };
    await expect(seed(createSeedWorld({ exec }).deps, options)).rejects.toMatchObject({
      code: "SEED_FAILED",
      message:
        "The results could not be computed again in airflow-scheduler: ModuleNotFoundError: No module named 'sklearn'.",
    });
  });

  test("are no answer when the program prints something else", async () => {
    const exec = { exitCode: 0, stderr: "", stdout: "hello\n" };
    await expect(seed(createSeedWorld({ exec }).deps, options)).rejects.toMatchObject({ code: "INTERNAL" });
  });
});
