import { describe, expect, test } from "vitest";
import { seed } from "../../../../src/stack/seed/seed.ts";
import type { SeedOptions } from "../../../../src/stack/seed/seed-types.ts";
import { createSeedWorld, sampleFeatures, type SeedWorldOptions } from "../../../support/seed-world.ts";

const options: SeedOptions = { dags: [], dataset: undefined, run: true, timeoutMs: 120_000 };
const [, firstRow = ""] = sampleFeatures;
const raw = Array.from({ length: 20_640 }, () => "-122,38,41,840,120,300,120,8,1").join("\n");

describe("seeding the tutorial", () => {
  test("copies, runs and checks it, and links to all that it left", async () => {
    const { deps, airflow, files } = createSeedWorld();
    const { dags, dataset } = await seed(deps, options);
    const [runId = ""] = airflow.runIds("mlflow_tutorial_dag");
    expect(files.files.has("dags/mlflow_tutorial_dag.py")).toBe(true);
    expect(dataset).toBeUndefined();
    expect(dags).toMatchObject([
      {
        dagId: "mlflow_tutorial_dag",
        file: "dags/mlflow_tutorial_dag.py",
        placement: "copied",
        datasetSource: "scikit-learn-data",
        run: { runId, state: "success" },
      },
    ]);
    expect(dags[0]?.checks.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => "passed"));
    const stamp = encodeURIComponent(runId.replaceAll(":", "-"));
    expect(dags[0]?.links).toEqual([
      {
        title: "Airflow run",
        url: `http://localhost:8080/dags/mlflow_tutorial_dag/runs/${encodeURIComponent(runId)}`,
      },
      {
        title: "MLflow run",
        url: `http://localhost:5000/#/experiments/7/runs/run-of-${runId.replaceAll(":", "-")}`,
      },
      { title: "registered model", url: `http://localhost:5000/#/models/housing-scaler-${stamp}-try1` },
      { title: "bucket", url: "http://localhost:9001/browser/mlflow" },
    ]);
  });

  test("a second time makes a second run and copies nothing", async () => {
    const { deps, airflow } = createSeedWorld();
    await seed(deps, options);
    const { dags } = await seed(deps, options);
    expect(dags).toMatchObject([{ placement: "unchanged", run: { state: "success" } }]);
    expect(airflow.runIds("mlflow_tutorial_dag")).toHaveLength(2);
  });

  test("only puts it in place with --no-run", async () => {
    const { deps, airflow } = createSeedWorld();
    const { dags } = await seed(deps, { ...options, run: false });
    expect(dags).toMatchObject([{ placement: "copied", run: undefined, checks: [], links: [] }]);
    expect(airflow.runIds("mlflow_tutorial_dag")).toEqual([]);
    await expect(airflow.dag("mlflow_tutorial_dag")).resolves.toMatchObject({ isPaused: true });
  });

  test("says it when the run worked on made-up rows", async () => {
    const { deps, events } = createSeedWorld({ datasetSource: "generated-sample" });
    const { dags } = await seed(deps, options);
    expect(dags[0]?.datasetSource).toBe("generated-sample");
    expect(events).toContainEqual(expect.objectContaining({ kind: "note", level: "warning" }));
  });

  const spoiled: readonly (readonly [string, SeedWorldOptions["spoil"], string])[] = [
    [
      "a wrong mean",
      ({ mlflow }, { mlflowRunId }) => mlflow.changeRun(mlflowRunId, { metrics: {} }),
      "means: expected the eight means of 2 rows of features.csv in the bucket, found MedInc missing instead of 5",
    ],
    [
      "a missing model file",
      ({ store }, { modelId }) => store.delete("mlflow", `housing/models/${modelId}/artifacts/MLmodel`),
      "model files: expected the files of the logged model, MLmodel among them, none empty, found model.skops",
    ],
    [
      "missing rows",
      ({ store }, { mlflowRunId }) => store.delete("mlflow", `housing/${mlflowRunId}/artifacts/features.csv`),
      "means: expected the eight features in features.csv in the bucket, found nothing to compare with",
    ],
    [
      "a run under another name",
      ({ mlflow }, { mlflowRunId }) => mlflow.changeRun(mlflowRunId, { name: "Other" }),
      "run: expected a finished run Scaler of manual__",
    ],
  ];
  test.each(spoiled)(
    "fails with $0, naming what was expected and what was found",
    async (_, spoil, words) => {
      const { deps, events } = createSeedWorld(spoil === undefined ? {} : { spoil });
      await expect(seed(deps, options)).rejects.toMatchObject({
        code: "VERIFY_FAILED",
        message: expect.stringContaining(words),
      });
      expect(events.at(-1)).toMatchObject({ id: "verify:mlflow_tutorial_dag", status: "failed" });
    },
  );
});

describe("seeding with a data set", () => {
  const project = { outside: { "my.data": raw } };

  test("pipes it into Airflow and holds the run against it", async () => {
    const { deps, installed } = createSeedWorld({
      ...project,
      features: [sampleFeatures[0] ?? "", firstRow],
    });
    const failure = seed(deps, { ...options, dataset: "my.data" });
    await expect(failure).rejects.toMatchObject({
      code: "VERIFY_FAILED",
      message: expect.stringContaining(
        "data set: expected the eight means of 20640 rows of my.data, found MedInc 5",
      ),
    });
    expect(installed).toEqual([raw]);
  });

  test("reports it", async () => {
    const { deps } = createSeedWorld(project);
    const { dataset } = await seed(deps, { ...options, dataset: "my.data", run: false });
    expect(dataset).toEqual({ file: "my.data", rows: 20_640 });
  });

  test.each([
    ["that isn't there", "other.data", "There is no file other.data that can be read."],
    [
      "that is something else",
      "bad.data",
      "bad.data is not the California housing data: line 1: 1 columns instead of 9.",
    ],
  ])("refuses one $0 before anything is touched", async (_, dataset, message) => {
    const { deps, files, installed } = createSeedWorld({ outside: { "bad.data": "hello" } });
    await expect(seed(deps, { ...options, dataset })).rejects.toMatchObject({
      code: "DATASET_INVALID",
      message,
    });
    expect(installed).toEqual([]);
    expect(files.files.size).toBe(0);
  });

  test("fails when the container can't store it", async () => {
    const exec = { exitCode: 1, stderr: "Traceback\nPermissionError: [Errno 13] Permission denied\n" };
    const { deps } = createSeedWorld({ ...project, exec });
    await expect(seed(deps, { ...options, dataset: "my.data" })).rejects.toMatchObject({
      code: "SEED_FAILED",
      message:
        "The data set could not be stored in airflow-scheduler: PermissionError: [Errno 13] Permission denied.",
    });
  });
});

describe("seeding the user's own DAGs", () => {
  const own: SeedWorldOptions = {
    project: { "dags/sales.py": "sales", "dags/stock.py": "stock" },
    dags: { sales: { sales: { tasks: ["a"] } }, stock: { stock: { tasks: ["a", "b"] } } },
  };

  test("runs each in turn and checks nothing", async () => {
    const { deps } = createSeedWorld(own);
    const { dags } = await seed(deps, { ...options, dags: ["sales", "stock"] });
    expect(dags).toMatchObject([
      {
        dagId: "sales",
        placement: "own",
        run: { state: "success" },
        checks: [],
        links: [{ title: "Airflow run" }],
      },
      {
        dagId: "stock",
        placement: "own",
        run: { state: "success" },
        checks: [],
        links: [{ title: "Airflow run" }],
      },
    ]);
  });

  test("touches nothing when one of the names is wrong", async () => {
    const { deps, airflow } = createSeedWorld(own);
    await expect(seed(deps, { ...options, dags: ["sales", "nope"] })).rejects.toMatchObject({
      code: "USAGE",
    });
    expect(airflow.runIds("sales")).toEqual([]);
  });
});
