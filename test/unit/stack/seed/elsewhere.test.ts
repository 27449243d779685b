import { describe, expect, test } from "vitest";
import type { MlflowElsewhere } from "../../../../src/stack/mlflow-spec.ts";
import type { SeedDeps, SeedOptions } from "../../../../src/stack/seed/seed-types.ts";
import { seed } from "../../../../src/stack/seed/seed.ts";
import { createSeedWorld, sampleFeatures, type SeedWorld } from "../../../support/seed-world.ts";

const remote: MlflowElsewhere = {
  mode: "remote",
  url: "https://mlflow.example",
  login: undefined,
  passwordFile: undefined,
  caFile: undefined,
  experimentFolder: "",
};
const databricks: MlflowElsewhere = {
  ...remote,
  mode: "databricks",
  login: "token",
  experimentFolder: "/Shared",
};
const options: SeedOptions = { dags: "all", dataset: undefined, run: true, timeoutMs: 120_000 };
const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2];

interface Question {
  readonly path: string | null;
  readonly model_ids: readonly string[];
  readonly model: string | null;
}

/** A stack whose MLflow keeps files where only its client gets at them. */
function worldWith(mlflow: MlflowElsewhere, location: string): SeedWorld & { readonly asked: Question[] } {
  const world = createSeedWorld();
  const asked: Question[] = [];
  const contents: Readonly<Record<string, Buffer>> = {
    "features.csv": Buffer.from(`${sampleFeatures.join("\n")}\n`),
    "predictions.png": Buffer.from(png),
  };
  const exec: SeedDeps["compose"]["exec"] = async (project, service, command, more) => {
    const program = command.find((word) => word.includes("get_artifact_repository"));
    if (program === undefined) return await world.deps.compose.exec(project, service, command, more);
    const question = JSON.parse(command.at(-1) ?? "") as Question;
    asked.push(question);
    const content = contents[question.path ?? ""]?.toString("base64") ?? null;
    const models = question.model_ids.length > 0 ? question.model_ids : [question.model ?? []].flat();
    const files = models.map((id) => ({ key: `${id}/MLmodel`, bytes: 10 }));
    return { exitCode: 0, stdout: JSON.stringify({ content, files }), stderr: "" };
  };
  const { deps } = world;
  const experiments: SeedDeps["mlflow"]["experiments"] = async (signal) =>
    (await deps.mlflow.experiments(signal)).map((one) => ({
      ...one,
      name: mlflow.experimentFolder === "" ? one.name : `${mlflow.experimentFolder}/${one.name}`,
      artifactLocation: `${location}/${one.experimentId}`,
    }));
  const objects: SeedDeps["store"]["objects"] = async (bucket, prefix, signal) => {
    const found = await deps.store.objects(bucket, prefix, signal);
    return found.filter(({ key }) => key.startsWith("data/"));
  };
  return {
    ...world,
    asked,
    deps: {
      ...deps,
      mlflow: { ...deps.mlflow, experiments },
      store: { ...deps.store, objects },
      compose: { exec },
      target: { ...deps.target, mlflow },
    },
  };
}

describe("with an MLflow elsewhere", () => {
  test("everything is verified where that MLflow keeps it, and the tables in the bucket", async () => {
    const { deps, asked } = worldWith(remote, "mlflow-artifacts:");
    const { dags } = await seed(deps, options);
    expect(dags.map(({ dagId }) => dagId)).toEqual([
      "mlflow_tutorial_dag",
      "feature_eng",
      "train",
      "predict",
    ]);
    const checks = dags.flatMap((dag) => dag.checks);
    expect(checks.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
    expect(checks.filter(({ name }) => name === "experiment").map(({ expected }) => expected)).toEqual([
      "experiment Housing with its artifacts where its MLflow keeps them",
      "experiment Diabetes with its artifacts where its MLflow keeps them",
    ]);
    expect(asked.map(({ path, model_ids: models }) => [path, models.length])).toEqual([
      ["features.csv", 1],
      [null, 1],
      ["predictions.png", 0],
    ]);
  });

  test("a model of the classic line's older client is found inside its run", async () => {
    const { deps, asked } = worldWith(remote, "mlflow-artifacts:");
    const runs: SeedDeps["mlflow"]["runs"] = async (query, signal) =>
      (await deps.mlflow.runs(query, signal)).map((run) => ({ ...run, modelIds: [] }));
    const target = { ...deps.target, line: "classic" } as const;
    const { dags } = await seed({ ...deps, mlflow: { ...deps.mlflow, runs }, target }, options);
    expect(dags[0]?.checks.find(({ name }) => name === "model files")?.outcome).toBe("passed");
    expect(asked).toMatchObject([{ model_ids: [], model: "scaler" }]);
  });

  test("the bucket is linked to where something is in it", async () => {
    const { dags } = await seed(worldWith(remote, "mlflow-artifacts:").deps, options);
    expect(dags.map(({ links }) => links.map(({ title }) => title))).toEqual([
      ["Airflow run", "MLflow run", "registered model"],
      ["Airflow run", "MLflow run", "bucket"],
      ["Airflow run", "MLflow run", "registered model", "bucket"],
      ["Airflow run", "MLflow run", "bucket"],
    ]);
  });
});

describe("with Databricks", () => {
  const location = "dbfs:/databricks/mlflow-tracking";

  test("all is the tutorial, with a word about the pipeline", async () => {
    const { deps, events } = worldWith(databricks, location);
    const { dags } = await seed(deps, options);
    expect(dags.map(({ dagId }) => dagId)).toEqual(["mlflow_tutorial_dag"]);
    expect(dags[0]?.checks[0]?.found).toBe(
      "experiment /Shared/Housing with its artifacts in dbfs:/databricks/mlflow-tracking/7",
    );
    expect(dags[0]?.links[1]?.url).toMatch(/\/ml\/experiments\/7\/runs\//u);
    expect(events).toContainEqual({
      kind: "note",
      level: "warning",
      text: "feature_eng, train, predict left out: a Databricks workspace has no aliases for models with names of one part.",
    });
  });

  test.each(["feature_eng", "train.py", "predict", "custom_operator_dag"])(
    "%s is refused before anything is touched",
    async (name) => {
      const { deps, files } = worldWith(databricks, location);
      await expect(seed(deps, { ...options, dags: [name] })).rejects.toMatchObject({ code: "USAGE" });
      expect([...files.files.keys()]).toEqual([]);
    },
  );
});
