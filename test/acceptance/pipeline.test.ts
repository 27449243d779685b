import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DagList } from "../../src/stack/seed/list-dags.ts";
import type { SeededDag, SeedResult } from "../../src/stack/seed/seed-types.ts";
import { provideHousing } from "../support/housing.ts";
import { layoutFacts, usualLayout } from "../support/layouts.ts";
import { docker } from "../support/run.ts";
import { callServices, mlflowAuthorization, type LiveServices } from "../support/services.ts";
import { createTestProject, type Failure, type TestProject } from "../support/test-project.ts";

const pipeline = ["feature_eng", "train", "predict"] as const;
const bundled = ["mlflow_tutorial_dag", ...pipeline];
const example = "custom_operator_dag";

interface MlflowRun {
  readonly info: { readonly run_id: string; readonly run_name: string; readonly status: string };
  readonly data: {
    readonly params: readonly { readonly key: string; readonly value: string }[];
    readonly metrics: readonly { readonly key: string; readonly value: number }[];
    readonly tags: readonly { readonly key: string; readonly value: string }[];
  };
}

/** The same numbers from nothing but the data set: no Airflow, no MLflow, no file of the stack. */
const fromScratch = `
import json, sys
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_diabetes(return_X_y=True, scaled=False)
rows = np.arange(len(y))
train, test = train_test_split(rows, test_size=0.25, random_state=0)
scaler = StandardScaler().fit(X[train])
model = RidgeCV(alphas=np.logspace(-3, 3, 13)).fit(scaler.transform(X[train]), y[train])
predicted = model.predict(scaler.transform(X[test]))
json.dump({"alpha": model.alpha_, "rows": [[int(row), float(y[row]), float(value)] for row, value in zip(test, predicted)]}, sys.stdout)
`;

/*
 * One stack, from nothing to nothing. The tests build on each other, in order.
 */
describe("the DAGs that come with stack", () => {
  let project: TestProject;
  let services: LiveServices;
  let dataset = "";
  let first: SeedResult;

  beforeAll(async () => {
    project = await createTestProject("pipeline");
    dataset = (await provideHousing(project.dir)).path;
  });
  afterAll(async () => {
    await project.dispose();
  });

  const dagOf = (result: SeedResult, dagId: string): SeededDag => {
    const found = result.dags.find((dag) => dag.dagId === dagId);
    if (found === undefined) throw new Error(`no ${dagId} in the result`);
    return found;
  };
  const newestRun = async (name: string): Promise<MlflowRun> => {
    const { experiment } = await services.mlflow<{
      experiment: { experiment_id: string; artifact_location: string };
    }>("experiments/get-by-name?experiment_name=Diabetes");
    expect(experiment.artifact_location).toBe("s3://mlflow/diabetes");
    const { runs } = await services.mlflow<{ runs: MlflowRun[] }>("runs/search", {
      experiment_ids: [experiment.experiment_id],
      filter: `attributes.run_name = '${name}'`,
      order_by: ["attributes.start_time DESC"],
    });
    if (runs[0] === undefined) throw new Error(`MLflow has no run ${name}`);
    return runs[0];
  };
  const tagOf = ({ data }: MlflowRun, key: string): string =>
    data.tags.find((tag) => tag.key === key)?.value ?? "";
  const champion = async (): Promise<{ version: string; run_id: string; status: string }> =>
    (
      await services.mlflow<{ model_version: { version: string; run_id: string; status: string } }>(
        "registered-models/alias?name=diabetes-ridge&alias=champion",
      )
    ).model_version;
  /** MinIO's own client, with the keys that tasks have. */
  const callMinio = async (...args: readonly string[]): Promise<string> => {
    const host = `http://${await project.secret("S3_ACCESS_KEY")}:${await project.secret("S3_SECRET_KEY")}@127.0.0.1:9000`;
    const env = ["--env", `MC_HOST_user=${host}`, "--env", "MC_CONFIG_DIR=/tmp/mc"];
    const minio = await project.containerOf("minio");
    return await docker("exec", ...env, minio, "mc", ...args);
  };

  test("are listed without a running stack, with what each needs", async () => {
    const { status, json } = await project.stackJson<DagList>("seed", "--list");
    expect(status).toBe(0);
    expect(json.dags.map(({ dagId, inProject }) => `${dagId} ${inProject}`)).toEqual(
      [...bundled, example].map((dagId) => `${dagId} missing`),
    );
    expect(json.dags.filter(({ needs }) => needs === "")).toEqual([]);
    expect(json.dags.map(({ startedBy }) => startedBy)).toEqual([
      undefined,
      undefined,
      "feature_eng",
      "train",
      undefined,
    ]);

    const { stdout } = await project.stack("seed", "--list");
    for (const { dagId, purpose, needs } of json.dags)
      expect(stdout).toMatch(new RegExp(`^${dagId}  ${purpose}\n {2}needs +${needs.slice(0, 20)}`, "mu"));
  });

  test("all run on an empty stack, each pipeline DAG started by the one before, and every check passes", async () => {
    expect((await project.stack("up")).status).toBe(0);
    services = await callServices(project);
    // The bucket is there before the first DAG, and there is nothing in it.
    expect(await callMinio("ls", "--recursive", "user/mlflow")).toBe("");

    const { status, json, stderr } = await project.stackJson<SeedResult & Partial<Failure>>(
      "seed",
      "--all",
      "--dataset",
      dataset,
    );

    expect(json.error, stderr).toBeUndefined();
    expect(status).toBe(0);
    first = json;
    expect(json.dags.map(({ dagId, placement }) => `${dagId} ${placement}`)).toEqual(
      bundled.map((dagId) => `${dagId} copied`),
    );
    for (const { checks } of json.dags) {
      expect(checks.length).toBeGreaterThanOrEqual(5);
      expect(checks.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
    }
    expect(json.dags.map(({ startedBy }) => startedBy)).toEqual([
      undefined,
      undefined,
      "feature_eng",
      "train",
    ]);
    const types = await Promise.all(
      pipeline.map(async (dagId) => {
        const runId = encodeURIComponent(dagOf(json, dagId).run?.runId ?? "");
        const run = await services.airflow<{ state: string; run_type: string }>(
          `dags/${dagId}/dagRuns/${runId}`,
        );
        return `${run.run_type} ${run.state}`;
      }),
    );
    expect(types).toEqual(["manual success", "asset_triggered success", "asset_triggered success"]);
  });

  test("leave a model whose predictions in the bucket are those of the same model made from scratch", async () => {
    const container = await project.containerOf(layoutFacts[usualLayout].scheduler);
    const { alpha, rows } = JSON.parse(await docker("exec", container, "python", "-c", fromScratch)) as {
      alpha: number;
      rows: readonly (readonly number[])[];
    };
    const uri = tagOf(await newestRun("Predictions"), "predictions_csv");
    const stored = await callMinio("cat", `user/${uri.replace("s3://", "")}`);

    const [header, ...lines] = stored.split("\n");
    expect(header).toBe("row,actual,predicted");
    expect(lines).toHaveLength(111);
    const found = lines.map((line) => line.split(",").map(Number));
    for (const [index, [row, actual, predicted]] of rows.entries()) {
      expect(found[index]?.slice(0, 2)).toEqual([row, actual]);
      expect(found[index]?.[2]).toBeCloseTo(predicted ?? Number.NaN, 9);
    }
    const { data } = await newestRun("RidgeCV");
    expect(data.metrics.find(({ key }) => key === "alpha")?.value).toBeCloseTo(alpha, 12);
  });

  test("leave what autologging records, a version with an alias, and a plot that MLflow serves", async () => {
    const training = await newestRun("RidgeCV");
    expect(training.info.status).toBe("FINISHED");
    expect(training.data.params.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["alphas", "cv", "fit_intercept", "gcv_mode", "scoring"]),
    );
    expect(training.data.metrics.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["training_mean_squared_error", "training_r2_score", "training_score"]),
    );
    expect(await champion()).toMatchObject({ version: "1", run_id: training.info.run_id, status: "READY" });

    const predictions = await newestRun("Predictions");
    expect(tagOf(predictions, "model_version")).toBe("1");
    const plot = await fetch(
      `http://127.0.0.1:${project.ports.mlflow}/get-artifact?path=predictions.png&run_uuid=${predictions.info.run_id}`,
      { headers: { authorization: await mlflowAuthorization(project) } },
    );
    const bytes = new Uint8Array(await plot.arrayBuffer());
    expect(new TextDecoder("latin1").decode(bytes.slice(1, 4))).toBe("PNG");
    expect(bytes.length).toBeGreaterThan(5_000);
  });

  test("all run a second time beside the first, and the alias moves on", async () => {
    const { status, json } = await project.stackJson<SeedResult>("seed", "--all");

    expect(status).toBe(0);
    expect(json.dags.map(({ placement }) => placement)).toEqual(bundled.map(() => "unchanged"));
    expect(json.dags.flatMap(({ checks }) => checks).filter(({ outcome }) => outcome !== "passed")).toEqual(
      [],
    );
    for (const dagId of bundled) {
      expect(dagOf(json, dagId).run?.runId).not.toBe(dagOf(first, dagId).run?.runId);
      const runs = await services.airflow<{ total_entries: number }>(`dags/${dagId}/dagRuns`);
      expect([dagId, runs.total_entries]).toEqual([dagId, 2]);
    }
    expect(await champion()).toMatchObject({ version: "2" });
    expect(tagOf(await newestRun("Predictions"), "model_version")).toBe("2");
    const { json: list } = await project.stackJson<DagList>("seed", "--list");
    expect(list.dags.map(({ inProject }) => inProject)).toEqual([
      ...bundled.map(() => "unchanged"),
      "missing",
    ]);
  });

  test("are not believed: predictions that the model did not make, and a plot that is missing, are named", async () => {
    const file = project.path("dags", "predict.py");
    const text = await readFile(file, "utf8");
    const edited = text
      .replace("predicted = model.predict(", "predicted = 1e-9 + model.predict(")
      .replace('mlflow.log_figure(figure, "predictions.png")', "pass");
    expect(edited).not.toContain("log_figure");
    await writeFile(file, edited);

    const { status, json } = await project.stackJson("seed", "predict");

    expect(json.error.code).toBe("VERIFY_FAILED");
    expect(status).toBe(1);
    expect(json.error.message).toMatch(/^predict succeeded, but predictions: .*; plot: [^;]*$/u);
    const { json: list } = await project.stackJson<DagList>("seed", "--list");
    expect(list.dags.at(-2)).toMatchObject({ dagId: "predict", inProject: "edited" });
  });

  test("find their experiment again after it was deleted", async () => {
    const path = "experiments/get-by-name?experiment_name=Diabetes";
    interface Found {
      readonly experiment: { readonly experiment_id: string; readonly lifecycle_stage: string };
    }
    const { experiment } = await services.mlflow<Found>(path);
    await services.mlflow("experiments/delete", { experiment_id: experiment.experiment_id });

    const { status } = await project.stackJson<SeedResult>("seed", "feature_eng");

    expect(status).toBe(0);
    expect((await services.mlflow<Found>(path)).experiment).toMatchObject({
      experiment_id: experiment.experiment_id,
      lifecycle_stage: "active",
    });
  });
});

test("a DAG of the pipeline that is run too early says what has to run before", async () => {
  const project = await createTestProject("early");
  try {
    expect((await project.stack("up")).status).toBe(0);

    const { status, json } = await project.stackJson("seed", "train");

    expect(json.error.code).toBe("DAG_RUN_FAILED");
    expect(json.error.message).toContain("There are no features yet: run the DAG feature_eng first.");
    expect(status).toBe(1);
  } finally {
    await project.dispose();
  }
});
