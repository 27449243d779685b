import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { SeedResult } from "../../src/stack/seed/seed-types.ts";
import { objectKeys } from "../support/bucket.ts";
import { latestResults } from "../support/dag-results.ts";
import { startInspectingProxy, type InspectingProxy } from "../support/inspecting-proxy.ts";
import { layoutFacts, usualLayout } from "../support/layouts.ts";
import { docker, dockerLines, repository, run } from "../support/run.ts";
import { callServices, type LiveServices } from "../support/services.ts";
import { createTestProject, settingsText, type TestProject } from "../support/test-project.ts";

/*
 * Every operator and hook of airflow-provider-mlflow on one stack. Airflow says what a task handed on; MLflow and the
 * bucket are asked themselves for what it did.
 */
const { scheduler } = layoutFacts[usualLayout];
let project: TestProject;
let proxy: InspectingProxy;
const settings = (proxyPort: number): string => `
env:
  airflow:
    HTTPS_PROXY: http://host.docker.internal:${proxyPort}
    # Where MLflow finds the deployment target, as if it were installed.
    PYTHONPATH: /opt/airflow/include/target
    AIRFLOW_CONN_SERVING_AWS: '{"conn_type": "aws", "login": "somebody", "password": "something"}'
`;
let services: LiveServices;

beforeAll(async () => {
  project = await createTestProject("provider");
  const fixtures = join(repository, "test", "fixtures");
  await cp(join(fixtures, "provider-dags"), project.path("dags"), { recursive: true });
  await cp(join(fixtures, "provider-target"), project.path("include", "target"), { recursive: true });
  proxy = await startInspectingProxy(project.dir);
  vi.stubEnv("SSL_CERT_FILE", proxy.caFile);
  await writeFile(
    project.path("stack.yaml"),
    settingsText(project.name, project.ports, settings(proxy.port)),
  );
  const { status, stderr } = await project.stack("up");
  if (status !== 0) throw new Error(stderr);
  services = await callServices(project);
});
afterAll(async () => {
  await project.dispose();
  await proxy.close();
  vi.unstubAllEnvs();
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
interface Trained {
  readonly run_id: string;
  readonly location: string;
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
    const trained = await results.of<Trained>("train");

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

describe("the hooks", () => {
  test("client: creates, finds, and hands back a refusal like any answer", async () => {
    await expectToSucceed("provider_hooks");

    const id = await experimentId("made-by-the-client-hook");
    expect(await (await latestResults(services, "provider_hooks")).of("client")).toEqual({
      created: id,
      found: id,
      refused: [404, "RESOURCE_DOES_NOT_EXIST"],
    });
  });

  test("base: sets what MLflow's client needs, and clears it", async () => {
    expect(await (await latestResults(services, "provider_hooks")).of("base")).toEqual({
      made: await experimentId("made-by-the-base-hook"),
      during: ["EXTRA", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME"],
      after: [],
    });
  });

  test("pyfunc: loads a registered model by the connection alone", async () => {
    const trained = await (await latestResults(services, "provider_registry")).of<Trained>("train");

    expect(await (await latestResults(services, "provider_hooks")).of("pyfunc")).toEqual({
      predicted: closeTo([4, 7, 31]),
      run_id: trained.run_id,
    });
  });
});

describe("ModelLoadAndPredictOperator", () => {
  test("predicts in an environment made of the model's requirements", async () => {
    await expectToSucceed("provider_predict");

    const results = await latestResults(services, "provider_predict");
    expect(await results.of("predict_line")).toEqual(closeTo([4, 7, 31]));
    // Airflow's own environment could not have answered this.
    expect(await results.of("predict_ordinals")).toEqual(["1st", "2nd", "103rd"]);
    const airflow = await project.containerOf(scheduler);
    const missing = await run("docker", ["exec", airflow, "python", "-c", "import humanize"]);
    expect(missing.stderr).toContain("No module named 'humanize'");
  });

  test("brought those packages through a proxy that inspects TLS, by this machine's certificates", async () => {
    expect(proxy.seen).toContain("GET pypi.org/simple/humanize/");
    const download = "env -u REQUESTS_CA_BUNDLE -u SSL_CERT_FILE";
    const pip = "$(ls -d /opt/airflow/data/.venvs/*/*/bin/pip) download --retries 0 --no-deps --dest /tmp";
    const withoutThem = ["sh", "-c", `${download} ${pip} --no-cache-dir humanize==4.13.0`];
    const refused = await run("docker", ["exec", await project.containerOf(scheduler), ...withoutThem]);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr + refused.stdout).toContain("CERTIFICATE_VERIFY_FAILED");
  });

  test("finds the environment again, in seconds", async () => {
    const first = await (await latestResults(services, "provider_predict")).seconds("predict_line");
    await expectToSucceed("provider_predict");

    const results = await latestResults(services, "provider_predict");
    expect(await results.of("predict_line")).toEqual(closeTo([4, 7, 31]));
    const again = await results.seconds("predict_line");
    expect(again).toBeLessThan(10);
    expect(again).toBeLessThan(first);
    const environments = ["exec", await project.containerOf(scheduler), "sh", "-c"];
    const made = await dockerLines(...environments, "ls -d /opt/airflow/data/.venvs/python3.*/venv-*/");
    expect(made).toHaveLength(1);
  });
});

describe("the deployment operators and their hook", () => {
  test("create a model server and predict by it", async () => {
    await expectToSucceed("provider_deployment");

    const results = await latestResults(services, "provider_deployment");
    const deployment = await results.of<{ port: number }>("create_deployment");
    expect(deployment).toMatchObject({ name: "by-operator", flavor: "python_function" });
    expect(await predictionsOf(results.of("predict"))).toEqual(closeTo([4, 7, 31]));
    // The server itself, which has outlived the task.
    const asked = await docker(
      "exec",
      await project.containerOf(scheduler),
      "curl",
      "--silent",
      "--show-error",
      "--header",
      "content-type: application/json",
      "--data",
      `{"inputs": [[5.0]]}`,
      `http://127.0.0.1:${deployment.port}/invocations`,
    );
    expect(await predictionsOf(asked)).toEqual(closeTo([16]));
  });

  test("the hook does the same, needs a connection, and takes more from the environment than it put there", async () => {
    const results = await latestResults(services, "provider_deployment");
    const told = await results.of<{ predicted: string }>("use_hook");

    expect(await results.of("create_by_hook")).toMatchObject({ name: "by-hook" });
    expect(await predictionsOf(told.predicted)).toEqual(closeTo([4, 7, 31]));
    expect(told).toMatchObject({
      names: ["by-hook", "by-operator"],
      without_connection: expect.any(String) as string,
      gone_after_http: ["MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME"],
      gone_after_aws: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    });
  });
});

describe("an operator built from a hook", () => {
  test("gives the alias to each run's version, and the model is found by it", async () => {
    const aliases: string[] = [];
    for (const expected of ["1", "2"]) {
      await expectToSucceed("custom_operator_dag");
      const { model_version: version } = await services.mlflow<VersionAnswer>(
        "registered-models/alias?name=iris-classifier&alias=champion",
      );
      aliases.push(version.version);
      const results = await latestResults(services, "custom_operator_dag");
      expect(await results.of("set_champion")).toBe(expected);
      expect(await results.of("predict")).toEqual([0, 1, 2]);
    }
    expect(aliases).toEqual(["1", "2"]);
  });
});

async function experimentId(name: string): Promise<string> {
  const { experiment } = await services.mlflow<{ experiment: { experiment_id: string } }>(
    `experiments/get-by-name?experiment_name=${name}`,
  );
  return experiment.experiment_id;
}

/** What a model server answered, as JSON text. */
async function predictionsOf(answer: string | Promise<string>): Promise<readonly number[]> {
  return (JSON.parse(await answer) as { predictions: number[] }).predictions;
}

function closeTo(numbers: readonly number[]): readonly unknown[] {
  return numbers.map((number): unknown => expect.closeTo(number, 6));
}
