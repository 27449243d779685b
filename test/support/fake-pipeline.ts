import type { FakeDag } from "./fake-airflow.ts";
import type { FakeMlflow } from "./fake-mlflow.ts";
import type { FakeObjectStore } from "./fake-object-store.ts";

/** What the pipeline's DAGs have left; a change here before the last one ends is what is found. */
export interface PipelineTraces {
  readonly mlflow: FakeMlflow;
  readonly store: FakeObjectStore;
  /** What recompute.py answers, by its functions. */
  readonly recomputed: Record<"features" | "training" | "predictions", Record<string, unknown>>;
  /** The newest version of the registered model. */
  version: number;
}

const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2);
const errors = { mean_absolute_error: 4, mean_squared_error: 25, r2_score: 0.5 };
const root = "s3://mlflow/diabetes";

export function rightAnswers(): PipelineTraces["recomputed"] {
  const same = (rows: number, sha256: string) => ({ rows, stored: sha256, recomputed: sha256 });
  return {
    features: { train: same(331, "a1"), test: same(111, "b2"), total: 442, once: 442, means: { age: 48.5 } },
    training: { params: { cv: "None", fit_intercept: "True" }, errors },
    predictions: { ...same(111, "c3"), errors },
  };
}

/** The three DAGs in memory, which leave what the real ones leave; `spoil` has the last word. */
export function fakePipeline(
  traces: PipelineTraces,
  spoil?: (traces: PipelineTraces) => void,
): Readonly<Record<string, FakeDag>> {
  const { mlflow, store } = traces;
  let count = 0;
  const addRun = (
    dagId: string,
    runId: string,
    name: string,
    more: {
      tags?: Record<string, string>;
      metrics?: Record<string, number>;
      params?: Record<string, string>;
    },
  ): string => {
    const id = `${name.toLowerCase()}${++count}`;
    mlflow.addRun({
      runId: id,
      experimentId: "8",
      name,
      status: "FINISHED",
      metrics: more.metrics ?? {},
      params: more.params ?? {},
      tags: { "airflow.dag_id": dagId, "airflow.run_id": runId, ...more.tags },
      artifactUri: `${root}/${id}/artifacts`,
      modelIds: name === "Predictions" ? [] : [`m-${id}`],
    });
    if (name !== "Predictions") store.put("mlflow", `diabetes/models/m-${id}/artifacts/MLmodel`, "content");
    return id;
  };
  const data = "s3://mlflow/data";
  const put = (name: string) => {
    store.put("mlflow", `data/${name}`, "row\n");
  };

  const runFeatures = (runId: string) => {
    mlflow.addExperiment({ experimentId: "8", name: "Diabetes", artifactLocation: root });
    put("train.csv");
    put("test.csv");
    const tags = { train_csv: `${data}/train.csv`, test_csv: `${data}/test.csv` };
    addRun("feature_eng", runId, "Features", { tags, metrics: { mean_age: 48.5 } });
  };
  const runTraining = (runId: string) => {
    const id = addRun("train", runId, "RidgeCV", {
      tags: { train_csv: `${data}/train.csv` },
      params: { cv: "None", fit_intercept: "True" },
      metrics: Object.fromEntries(Object.entries(errors).map(([name, value]) => [`training_${name}`, value])),
    });
    const version = String(++traces.version);
    mlflow.addModelVersion("diabetes-ridge", { version, runId: id, status: "READY" });
    mlflow.addRegisteredModel({ name: "diabetes-ridge", tags: {}, aliases: { champion: version } });
  };
  const runPredictions = (runId: string) => {
    put("predictions.csv");
    const id = addRun("predict", runId, "Predictions", {
      tags: {
        model_version: String(traces.version),
        test_csv: `${data}/test.csv`,
        predictions_csv: `${data}/predictions.csv`,
      },
      metrics: { test_mean_absolute_error: 4, test_r2_score: 0.5 },
    });
    mlflow.addArtifact(id, { path: "predictions.png", bytes: png.byteLength });
    store.put("mlflow", `diabetes/${id}/artifacts/predictions.png`, png);
    spoil?.(traces);
  };
  return {
    feature_eng: {
      tasks: ["create_experiment", "scale_features"],
      starts: ["train"],
      onSuccess: runFeatures,
    },
    train: { tasks: ["train_model", "register_model"], starts: ["predict"], onSuccess: runTraining },
    predict: { tasks: ["predict_test_rows", "plot_predictions"], onSuccess: runPredictions },
  };
}
