import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InitResult } from "../../src/stack/init/init-project.ts";
import type { DagsCheckResult } from "../../src/stack/dags-check/check-types.ts";
import type { SeedResult } from "../../src/stack/seed/seed-types.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { docker, repository } from "../support/run.ts";
import { callClassicServices, type LiveServices } from "../support/services.ts";
import { createTestProject, settingsText, type Failure, type TestProject } from "../support/test-project.ts";

/*
 * A project of 2023, adopted as it is: an Astro Runtime of that time, amazon provider 8.5.1, astro-sdk 1.7.0, connections
 * from .env to this machine's ports, an XCom backend in a bucket, and DAGs that are chained by datasets.
 */
const source = join(repository, "test", "fixtures", "quickstart-project");
let project: TestProject;
let services: LiveServices;

beforeAll(async () => {
  project = await createTestProject("quickstart");
});
afterAll(async () => {
  await project.dispose();
});

/** Has the project's connections lead to the ports that this test has. */
async function usePortsOfTest(): Promise<void> {
  const env = await readFile(project.path(".env"), "utf8");
  const { s3, mlflow } = project.ports;
  await writeFile(
    project.path(".env"),
    env.replaceAll(":9000", `:${s3}`).replaceAll(": 5000", `: ${mlflow}`),
  );
}

const inScheduler = async (...command: readonly string[]): Promise<string> =>
  await docker("exec", await project.containerOf("airflow-scheduler"), ...command);

describe("a project of 2023", () => {
  test("is adopted for the line that its Dockerfile asks for", async () => {
    await rm(project.path("stack.yaml"));
    const { status, json } = await project.stackJson<InitResult>("init", "--from", source);
    expect(status).toBe(0);
    expect(json.copied.toSorted()).toEqual([
      ".env",
      "Dockerfile",
      "airflow_settings.yaml",
      "dags/",
      "include/",
      "requirements.txt",
    ]);
    expect(json.notes).toEqual([
      expect.stringMatching(/versions: classic.*Astro Runtime 9\.6\.0 is Airflow 2\.7/u),
    ]);
  });

  test("can have its DAGs checked before anything runs", async () => {
    const { status, json } = await project.stackJson<DagsCheckResult & Partial<Failure>>("dags", "check");
    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
    expect(json).toMatchObject({ airflow: "2.7.3", errors: [] });
    expect(json.dags).toHaveLength(3);
    // Datasets have another name in Airflow 3.
    expect(json.upgrades).toContainEqual(expect.objectContaining({ kind: "deprecated", code: "AIR311" }));
  });

  test("comes up, with its buckets", async () => {
    const settings = settingsText(project.name, project.ports, "buckets: [data, localxcom]\n");
    await writeFile(project.path("stack.yaml"), settings, { flag: "a" });
    await usePortsOfTest();
    const { status, json, stderr } = await project.stackJson<UpResult & Partial<Failure>>("up");
    expect(json.error, stderr).toBeUndefined();
    expect(status).toBe(0);
    services = await callClassicServices(project);
  });

  test("has the versions that it asks for, beside the line's own", async () => {
    const program = `from importlib.metadata import version
for name in ("apache-airflow", "apache-airflow-providers-amazon", "airflow-provider-mlflow", "astro-sdk-python", "mlflow-skinny", "scikit-learn"):
    print(name, version(name))`;
    expect((await inScheduler("python", "-c", program)).split("\n")).toEqual([
      "apache-airflow 2.7.3",
      "apache-airflow-providers-amazon 8.5.1",
      "airflow-provider-mlflow 1.1.0",
      "astro-sdk-python 1.7.0",
      "mlflow-skinny 2.3.2",
      "scikit-learn 1.3.0",
    ]);
  });

  test("has its pool and its variable", async () => {
    await expect(services.airflow("pools/training")).resolves.toMatchObject({ slots: 2 });
    await expect(services.airflow("variables/target")).resolves.toMatchObject({ value: "diabetes" });
  });

  test("runs its first DAG", async () => {
    const { status, json, stderr } = await project.stackJson<SeedResult & Partial<Failure>>(
      "seed",
      "quickstart_features",
    );
    expect(json.error, stderr).toBeUndefined();
    expect(json.dags[0]?.run?.state).toBe("success");
    expect(status).toBe(0);
  });

  test.each(["quickstart_train", "quickstart_predict"])("has %s follow by its dataset", async (dagId) => {
    const run = await endOfOnlyRun(dagId);
    expect(run).toMatchObject({ run_type: "dataset_triggered", state: "success" });
  });

  test("has its model registered, and the predictions that this model makes", async () => {
    const { model_versions: versions } = await services.mlflow<{ model_versions: object[] }>(
      "registered-models/get-latest-versions?name=diabetes",
    );
    expect(versions).toMatchObject([{ version: "1", current_stage: "Production" }]);

    const program = `
import mlflow, pandas as pd
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
read = lambda name: pd.read_csv(S3Hook(aws_conn_id="minio_local").get_key(name, "data").get()["Body"])
features, stored = read("features.csv"), read("predictions.csv")
model = mlflow.pyfunc.load_model("models:/diabetes/Production")
made = model.predict(features.drop(columns="target"))
print("RESULT", len(stored), float(abs(made - stored["prediction"]).max()) < 1e-9, stored["prediction"].corr(stored["target"]) > 0.6)
`;
    expect((await inScheduler("python", "-W", "ignore", "-c", program)).split("\n").at(-1)).toBe(
      "RESULT 442 True True",
    );
  });

  test("keeps the data frames that its tasks handed over in its bucket", async () => {
    const program = `
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
print([name.split("/")[2] for name in sorted(S3Hook(aws_conn_id="aws_default").list_keys("localxcom"))])`;
    const said = await inScheduler("python", "-W", "ignore", "-c", program);
    expect(said.split("\n").at(-1)).toBe("['raw_rows', 'scale']");
  });
});

/** The one run of a DAG, when it has ended. */
async function endOfOnlyRun(dagId: string): Promise<{ readonly state: string }> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { dag_runs: runs } = await services.airflow<{ dag_runs: { state: string }[] }>(
      `dags/${dagId}/dagRuns`,
    );
    const [only] = runs;
    if (only !== undefined && (only.state === "success" || only.state === "failed")) return only;
    if (Date.now() > deadline) throw new Error(`${dagId} has not ended: ${JSON.stringify(runs)}`);
    await sleep(500);
  }
}
