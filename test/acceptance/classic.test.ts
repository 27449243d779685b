import { readdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProveResult } from "../../src/stack/prove/prove.ts";
import type { SeedResult } from "../../src/stack/seed/seed-types.ts";
import type { StatusReport } from "../../src/stack/status-report.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { describeAirflowContract } from "../contract/airflow-contract.ts";
import { provideHousing, trueMeans, type HousingFile } from "../support/housing.ts";
import { liveStackOf } from "../support/live-stack.ts";
import { liveClassicAirflow } from "../support/live-worlds.ts";
import { docker, dockerLines } from "../support/run.ts";
import { callClassicServices, type LiveServices } from "../support/services.ts";
import { createTestProject, settingsText, type Failure, type TestProject } from "../support/test-project.ts";

/*
 * A stack of the classic line, from nothing to nothing. The tests build on each other, in order.
 */
let project: TestProject;
let housing: HousingFile;
let services: LiveServices;

const settings = "versions: classic\nbuckets: [data, localxcom]\n";
const healthy = [
  "airflow-scheduler",
  "airflow-triggerer",
  "airflow-webserver",
  "minio",
  "mlflow",
  "postgres",
];

beforeAll(async () => {
  project = await createTestProject("classic");
  await writeFile(project.path("stack.yaml"), settingsText(project.name, project.ports, settings));
  housing = await provideHousing(project.dir);
});
afterAll(async () => {
  await project.dispose();
});

const inContainer = async (service: string, ...command: readonly string[]): Promise<string> =>
  await docker("exec", await project.containerOf(service), ...command);

describe("up", () => {
  test("brings every service to health from nothing, and says what line it is", async () => {
    const { status, json, stderr } = await project.stackJson<UpResult & Partial<Failure>>("up");

    expect(json.error, stderr).toBeUndefined();
    expect(status).toBe(0);
    const inState = (state: string) =>
      json.services.filter((one) => one.state === state).map(({ service }) => service);
    expect(inState("healthy").toSorted()).toEqual(healthy);
    expect(inState("completed")).toEqual(["airflow-migrate"]);
    expect(json.probes.map(({ from, to, outcome }) => `${from} ${to} ${outcome}`).toSorted()).toEqual([
      "airflow database ok",
      "airflow mlflow ok",
      "airflow s3 ok",
      "host airflow ok",
      "host console ok",
      "host mlflow ok",
      "host s3 ok",
      "mlflow database ok",
      "mlflow s3 ok",
    ]);
    expect(stderr).toContain("end of life");
    services = await callClassicServices(project);
  });

  test("makes every bucket before there is any DAG", async () => {
    const { dags } = await services.airflow<{ dags: unknown[] }>("dags?only_active=false");
    expect(dags).toEqual([]);
    const url = `http://${await project.secret("S3_ACCESS_KEY")}:${await project.secret("S3_SECRET_KEY")}@127.0.0.1:9000`;
    const minio = await project.containerOf("minio");
    for (const bucket of ["mlflow", "data", "localxcom"]) {
      const variables = ["--env", `MC_HOST_user=${url}`, "--env", "MC_CONFIG_DIR=/tmp/mc"];
      expect(await docker("exec", ...variables, minio, "mc", "ls", `user/${bucket}`)).toBe("");
    }
  });

  test("a second time changes nothing", async () => {
    const { json } = await project.stackJson<UpResult>("up");
    expect(json).toMatchObject({ changed: false, builtImages: [] });
  });
});

describe("the versions", () => {
  test("are those of the line, on Debian 12", async () => {
    expect(await inContainer("airflow-scheduler", "airflow", "version")).toContain("2.7.3");
    expect(await inContainer("mlflow", "mlflow", "--version")).toContain("2.22.4");
    expect(await inContainer("postgres", "postgres", "--version")).toContain("(PostgreSQL) 15.");
    for (const service of ["airflow-scheduler", "mlflow", "postgres"]) {
      expect(await inContainer(service, "cat", "/etc/debian_version")).toMatch(/^12\./u);
    }
  });

  test("in Airflow's image are the tutorial's, and MLflow's provider is as it was published", async () => {
    const program = `
import base64, hashlib
from importlib.metadata import distribution, version
for name in ("airflow-provider-mlflow", "mlflow-skinny", "scikit-learn"):
    print(name, version(name))
import mlflow
print("imported", mlflow.__version__)
files = [one for one in distribution("airflow-provider-mlflow").files if one.hash]
digest = lambda one: base64.urlsafe_b64encode(hashlib.sha256(one.read_binary()).digest()).decode().rstrip("=")
print("changed", [str(one) for one in files if digest(one) != one.hash.value], "of", len(files) > 10)
`;
    expect((await inContainer("airflow-scheduler", "python", "-c", program)).split("\n")).toEqual([
      "airflow-provider-mlflow 1.1.0",
      "mlflow-skinny 2.3.2",
      "scikit-learn 1.3.0",
      "imported 2.8.1",
      "changed [] of True",
    ]);
  });
});

describe("seed", () => {
  let runId = "";

  test("runs the tutorial and verifies what it left", async () => {
    const { status, json, stderr } = await project.stackJson<SeedResult & Partial<Failure>>(
      "seed",
      "--dataset",
      housing.path,
    );

    expect(json.error, stderr).toBeUndefined();
    expect(status).toBe(0);
    const [dag] = json.dags;
    expect(dag).toMatchObject({ placement: "copied", datasetSource: "scikit-learn-data" });
    expect(dag?.checks.length).toBeGreaterThanOrEqual(6);
    expect(dag?.checks.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
    runId = dag?.run?.runId ?? "";
    const path = `dags/mlflow_tutorial_dag/dagRuns/${encodeURIComponent(runId)}`;
    expect((await services.airflow<{ state: string }>(path)).state).toBe("success");
  });

  test("left the means of the file in MLflow", async () => {
    const { experiment } = await services.mlflow<{ experiment: { experiment_id: string } }>(
      "experiments/get-by-name?experiment_name=Housing",
    );
    const { runs } = await services.mlflow<SearchedRuns>("runs/search", {
      experiment_ids: [experiment.experiment_id],
    });
    const metrics = Object.fromEntries((runs[0]?.data.metrics ?? []).map(({ key, value }) => [key, value]));
    for (const [name, mean] of Object.entries(housing.means)) expect(metrics[name]).toBeCloseTo(mean, 6);
    for (const [name, mean] of housing.isReal ? Object.entries(trueMeans) : [])
      expect(metrics[name]).toBeCloseTo(mean, 5);
  });

  test("a second time makes a second run", async () => {
    const { status, json } = await project.stackJson<SeedResult>("seed");
    expect(status).toBe(0);
    expect(json.dags[0]).toMatchObject({ placement: "unchanged" });
    expect(json.dags[0]?.run?.runId).not.toBe(runId);
  });

  test("links to a page that Airflow 2 has", async () => {
    const { json } = await project.stackJson<SeedResult>("seed");
    const link = json.dags[0]?.links.find(({ title }) => title === "Airflow run")?.url ?? "";
    // Without a login it leads to the login; a page that isn't there would be a 404.
    expect((await fetch(link)).status).toBe(200);
    expect(link).toContain("/grid?dag_run_id=");
  });

  test("names a failed task with the last line of its trace", async () => {
    await writeFile(project.path("dags", "doomed.py"), doomed);
    const { status, json } = await project.stackJson("seed", "doomed");
    expect(json.error).toMatchObject({ code: "DAG_RUN_FAILED", status: 1 });
    expect(json.error.message).toContain("ValueError: the oven is cold");
    expect(status).toBe(1);
  });

  test("names a syntax error with file and line", async () => {
    await writeFile(
      project.path("dags", "broken.py"),
      "from airflow.decorators import dag\n\ndef oops(:\n    pass\n",
    );
    const { json } = await project.stackJson("seed", "broken");
    expect(json.error.code).toBe("DAG_IMPORT_FAILED");
    expect(json.error.message).toContain("dags/broken.py, line 3");
  });
});

describe("status", () => {
  test("marks the line as what it is", async () => {
    const { status, json } = await project.stackJson<StatusReport>("status");
    expect(status).toBe(0);
    expect(json).toMatchObject({ state: "up", line: "classic" });
    expect(json.endOfLife).toContain("end of life");
    expect(json.airflow?.components.map(({ name, status: how }) => `${name} ${how}`)).toEqual([
      "metadatabase healthy",
      "scheduler healthy",
      "triggerer healthy",
    ]);
    expect(json.mlflow).toMatchObject({ registeredModels: 3 });
    expect(json.storage?.buckets.map(({ bucket }) => bucket)).toEqual(["data", "localxcom", "mlflow"]);
    expect((await project.stack("status")).stdout).toContain("end of life");
  });

  test("names a database that Airflow's tasks can't open", async () => {
    const psql = ["psql", "--username=postgres", "--command"];
    await inContainer("postgres", ...psql, "ALTER ROLE airflow NOLOGIN");
    const { status, json } = await project.stackJson("up");
    expect(json.error).toMatchObject({ code: "PROBE_FAILED", hint: expect.stringContaining("ALTER ROLE") });
    expect(json.error.facts).toMatchObject({
      hops: expect.arrayContaining(["airflow -> database"]) as string[],
      causes: expect.arrayContaining(["login-locked"]) as string[],
    });
    expect(status).toBe(4);
    await inContainer("postgres", ...psql, "ALTER ROLE airflow LOGIN");
    expect((await project.stack("up")).status).toBe(0);
  });
});

test("prove runs the canary and leaves no trace", async () => {
  const before = await traces();
  const { status, json, stderr } = await project.stackJson<ProveResult & Partial<Failure>>("prove");
  expect(json.error, stderr).toBeUndefined();
  expect(status).toBe(0);
  expect(json).toMatchObject({ bytes: 4096, checksum: expect.stringMatching(/^[0-9a-f]{64}$/u) });
  expect(await traces()).toEqual(before);
});

async function traces() {
  const { dags } = await services.airflow<{ dags: { dag_id: string }[] }>("dags?only_active=false");
  const experiments = await services.mlflow<{ experiments: { name: string }[] }>("experiments/search", {
    max_results: 100,
    view_type: "ALL",
  });
  const folder = ["ls", "-A", "/opt/airflow/dags/.stack-dags"];
  const { json } = await project.stackJson<StatusReport>("status");
  return {
    dags: dags.map(({ dag_id: id }) => id).toSorted(),
    experiments: experiments.experiments.map(({ name }) => name).toSorted(),
    canaryFolder: await inContainer("airflow-scheduler", ...folder),
    logs: (await inContainer("airflow-scheduler", "ls", "/opt/airflow/logs")).includes("stack_canary"),
    dagsDir: (await readdir(project.path("dags"), { recursive: true })).toSorted(),
    buckets: json.storage?.buckets.map(({ bucket, objects }) => `${bucket} ${objects}`),
  };
}

describeAirflowContract("the adapter for Airflow 2", async () =>
  liveClassicAirflow(await liveStackOf(project)),
);

describe("at the end", () => {
  test("the data is not opened with other versions", async () => {
    await writeFile(project.path("stack.yaml"), settingsText(project.name, project.ports));
    const { status, json } = await project.stackJson("up");
    expect(json.error.message).toContain("holds data of the classic line");
    expect(status).toBe(2);
    await writeFile(project.path("stack.yaml"), settingsText(project.name, project.ports, settings));
  });

  test("down keeps the data, and up has it back", async () => {
    expect((await project.stack("down")).status).toBe(0);
    expect((await project.leftovers()).every((line) => line.startsWith("volume "))).toBe(true);
    expect((await project.stack("up")).status).toBe(0);
    const { total_entries: runs } = await services.airflow<{ total_entries: number }>(
      "dags/mlflow_tutorial_dag/dagRuns",
    );
    expect(runs).toBeGreaterThanOrEqual(3);
  });

  test("secrets rotate locks the old login out, and loses nothing", async () => {
    const kept = { key: "kept", value: "encrypted" };
    await services.airflow("variables", { method: "POST", body: JSON.stringify(kept) });
    const key = await inContainer("airflow-scheduler", "printenv", "AIRFLOW__CORE__FERNET_KEY");
    const { status, json } = await project.stackJson<UpResult & Partial<Failure>>("secrets", "rotate");
    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
    expect(json.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
    expect(json.proof?.bytes).toBeGreaterThan(0);

    await expect(services.airflow("variables/kept")).rejects.toThrow(/^401 /u);
    expect(await inContainer("airflow-scheduler", "printenv", "AIRFLOW__CORE__FERNET_KEY")).not.toBe(key);
    const renewed = await callClassicServices(project);
    expect(await renewed.airflow("variables/kept")).toMatchObject(kept);
    const { total_entries: runs } = await renewed.airflow<{ total_entries: number }>(
      "dags/mlflow_tutorial_dag/dagRuns",
    );
    expect(runs).toBeGreaterThanOrEqual(3);
  });

  test("down --volumes leaves nothing", async () => {
    expect((await project.stack("down", "--volumes", "--yes")).status).toBe(0);
    expect(await project.leftovers()).toEqual([]);
    const networks = await dockerLines("network", "ls", "--filter", `name=${project.name}`, "--quiet");
    expect(networks).toEqual([]);
  });
});

interface SearchedRuns {
  readonly runs: {
    readonly data: { readonly metrics: readonly { readonly key: string; readonly value: number }[] };
  }[];
}

const doomed = `from airflow.decorators import dag, task
from pendulum import datetime

@dag(schedule=None, start_date=datetime(2023, 1, 1))
def doomed():
    @task(retries=0)
    def work():
        raise ValueError("the oven is cold")
    work()

doomed()
`;
