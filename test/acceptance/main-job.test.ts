import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DownResult } from "../../src/stack/down.ts";
import type { SeedResult } from "../../src/stack/seed/seed-types.ts";
import type { StatusReport } from "../../src/stack/status-report.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { airflowLayouts } from "../../src/stack/layout.ts";
import { provideHousing, trueMeans, type HousingFile } from "../support/housing.ts";
import { layoutFacts } from "../support/layouts.ts";
import { docker, dockerLines, run } from "../support/run.ts";
import { callServices, mlflowAuthorization, type LiveServices } from "../support/services.ts";
import { createTestProject, settingsText, type Failure, type TestProject } from "../support/test-project.ts";

/*
 * One stack, from nothing to nothing, as its user goes through it. The tests build on each other, in order.
 */
describe.each(airflowLayouts)("the main job, with Airflow's components %s", (layout) => {
  const { api, triggerer, running, completed } = layoutFacts[layout];
  let project: TestProject;
  let housing: HousingFile;
  let services: LiveServices;
  const firstRun: { runId?: string } = {};

  beforeAll(async () => {
    project = await createTestProject("main");
    const text = settingsText(project.name, project.ports, `airflow: { layout: ${layout} }\n`);
    await writeFile(project.path("stack.yaml"), text);
    housing = await provideHousing(project.dir);
  });
  afterAll(async () => {
    await project.dispose();
  });

  const containers = async (): Promise<readonly string[]> =>
    await dockerLines(
      "ps",
      "--all",
      "--no-trunc",
      "--filter",
      `label=com.docker.compose.project=${project.name}`,
      "--format",
      "{{.ID}} {{.Names}} {{.State}}",
    );

  test("up brings every service to health from nothing", async () => {
    const { status, json } = await project.stackJson<UpResult>("up");

    expect(json).toMatchObject({ project: project.name, changed: true });
    expect(status).toBe(0);
    expect((await containers()).filter((line) => line.endsWith(" running"))).toHaveLength(running);
    expect(json.services.filter(({ state }) => state === "healthy")).toHaveLength(running);
    expect(json.services.filter(({ state }) => state === "completed").map(({ service }) => service)).toEqual(
      completed,
    );
    services = await callServices(project);
  });

  test("a second up changes nothing and says so", async () => {
    const before = await docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", ...(await ids()));
    const file = await stat(project.path(".stack", "compose.yaml"));

    const { status, json } = await project.stackJson<UpResult>("up");

    expect(await docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", ...(await ids()))).toBe(
      before,
    );
    expect((await stat(project.path(".stack", "compose.yaml"))).mtimeMs).toBe(file.mtimeMs);
    expect(json).toMatchObject({ changed: false, builtImages: [] });
    expect(status).toBe(0);
  });

  const ids = async (): Promise<readonly string[]> =>
    (await containers()).map((line) => line.split(" ")[0] ?? "").toSorted();

  test("the generated folder is the owner's alone, and its compose file holds no secret", async () => {
    const modes = await Promise.all(
      [".", ".env", "state.json"].map(
        async (name) => (await stat(project.path(".stack", name))).mode & 0o777,
      ),
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);

    const secrets = (await readFile(project.path(".stack", ".env"), "utf8")).matchAll(
      /^STACK_SECRET_\w+=(.+)$/gmu,
    );
    const text = await readFile(project.path(".stack", "compose.yaml"), "utf8");
    const values = [...secrets].map(([, value = ""]) => value);
    expect(values.length).toBeGreaterThanOrEqual(12);
    expect(values.filter((value) => text.includes(value))).toEqual([]);
  });

  test("plain docker compose understands the generated file", async () => {
    const file = project.path(".stack", "compose.yaml");
    expect(await docker("compose", "--file", file, "config", "--quiet")).toBe("");
    const listed = await dockerLines("compose", "--file", file, "ps", "--format", "{{.Service}} {{.Health}}");
    expect(listed.filter((line) => line.endsWith(" healthy"))).toHaveLength(running);
  });

  test("ports are open on the loopback address alone", async () => {
    const bindings = await docker(
      "inspect",
      "--format",
      "{{range .NetworkSettings.Ports}}{{range .}}{{.HostIp}}:{{.HostPort}} {{end}}{{end}}",
      ...(await ids()),
    );
    const published = bindings
      .split(/\s+/u)
      .filter((text) => text !== "")
      .toSorted();
    expect(published).toEqual(
      Object.values(project.ports)
        .map((port) => `127.0.0.1:${port}`)
        .toSorted(),
    );
  });

  test("no container runs as root", async () => {
    const users = await Promise.all(
      (await containers())
        .filter((line) => line.endsWith(" running"))
        .map(async (line) => await docker("exec", line.split(" ")[0] ?? "", "id", "-u")),
    );
    expect(users).not.toContain("0");
  });

  test("each page that people open answers", async () => {
    const { airflow, mlflow, console } = project.ports;
    const login = { authorization: await mlflowAuthorization(project) };
    const pages = await Promise.all(
      [airflow, mlflow, console].map(async (port) => {
        const response = await fetch(`http://localhost:${port}/`, port === mlflow ? { headers: login } : {});
        return [response.status, /<title>(.*?)<\/title>/u.exec(await response.text())?.[1]] as const;
      }),
    );
    expect(pages).toEqual([
      [200, "Airflow"],
      [200, "MLflow"],
      [200, "MinIO Console"],
    ]);
  });

  test("seed puts the data in place, runs the tutorial and verifies what it left", async () => {
    const { status, json, stderr } = await project.stackJson<SeedResult>("seed", "--dataset", housing.path);

    expect(
      json.dags?.[0]?.checks.filter(({ outcome }) => outcome !== "passed"),
      stderr,
    ).toEqual([]);
    expect(status).toBe(0);
    const [dag] = json.dags;
    expect(dag).toMatchObject({
      dagId: "mlflow_tutorial_dag",
      placement: "copied",
      datasetSource: "scikit-learn-data",
    });
    firstRun.runId = dag?.run?.runId ?? "";
    const byAirflow = await services.airflow<{ state: string }>(
      `dags/mlflow_tutorial_dag/dagRuns/${encodeURIComponent(firstRun.runId)}`,
    );
    expect(byAirflow.state).toBe("success");
  });

  test("MLflow has the run with the means of the file, in the experiment and the bucket", async () => {
    const { experiment } = await services.mlflow<{
      experiment: { experiment_id: string; artifact_location: string };
    }>("experiments/get-by-name?experiment_name=Housing");
    expect(experiment.artifact_location).toMatch(/^s3:\/\/mlflow\b/u);
    const { runs } = await services.mlflow<SearchedRuns>("runs/search", {
      experiment_ids: [experiment.experiment_id],
    });
    expect(runs).toHaveLength(1);
    const [only] = runs;
    expect(only?.info).toMatchObject({ run_name: "Scaler", status: "FINISHED" });
    const metrics = Object.fromEntries((only?.data.metrics ?? []).map(({ key, value }) => [key, value]));
    for (const [name, mean] of Object.entries(housing.means)) expect(metrics[name]).toBeCloseTo(mean, 6);
    for (const [name, mean] of housing.isReal ? Object.entries(trueMeans) : [])
      expect(metrics[name]).toBeCloseTo(mean, 5);
    const objects = await listBucket();
    expect(objects.filter((line) => line.endsWith("/MLmodel"))).toHaveLength(1);
  });

  test("MLflow has the registered model with its two tags", async () => {
    const { registered_models: models } = await services.mlflow<{
      registered_models: { tags: { key: string; value: string }[] }[];
    }>("registered-models/search");
    expect(models.map(({ tags }) => tags.toSorted((a, b) => a.key.localeCompare(b.key)))).toEqual([
      [
        { key: "data", value: "housing" },
        { key: "model_type", value: "regression" },
      ],
    ]);
  });

  /** Keys of the bucket as MinIO's own client lists them, with the service user's keys. */
  const listBucket = async (bucket = "mlflow"): Promise<readonly string[]> => {
    const host = `http://${await project.secret("S3_ACCESS_KEY")}:${await project.secret("S3_SECRET_KEY")}@127.0.0.1:9000`;
    const minio = await project.containerOf("minio");
    return await dockerLines(
      "exec",
      "--env",
      `MC_HOST_user=${host}`,
      "--env",
      "MC_CONFIG_DIR=/tmp/mc",
      minio,
      "mc",
      "ls",
      "--recursive",
      `user/${bucket}`,
    );
  };

  test("the keys of tasks open the stack's bucket and nothing else", async () => {
    const root = `http://${await project.secret("MINIO_ROOT_USER")}:${await project.secret("MINIO_ROOT_PASSWORD")}@127.0.0.1:9000`;
    const minio = await project.containerOf("minio");
    await docker(
      "exec",
      "--env",
      `MC_HOST_root=${root}`,
      "--env",
      "MC_CONFIG_DIR=/tmp/mc",
      minio,
      "mc",
      "mb",
      "root/foreign",
    );

    expect((await listBucket()).length).toBeGreaterThan(0);
    await expect(listBucket("foreign")).rejects.toThrow(/Access Denied/u);
    await docker(
      "exec",
      "--env",
      `MC_HOST_root=${root}`,
      "--env",
      "MC_CONFIG_DIR=/tmp/mc",
      minio,
      "mc",
      "rb",
      "root/foreign",
    );
  });

  test("a second seed makes a second run beside the first", async () => {
    const { status, json } = await project.stackJson<SeedResult>("seed");

    expect(status).toBe(0);
    expect(json.dags[0]).toMatchObject({ placement: "unchanged", datasetSource: "scikit-learn-data" });
    expect(json.dags[0]?.run?.runId).not.toBe(firstRun.runId);
    const { total_entries: runs } = await services.airflow<{ total_entries: number }>(
      "dags/mlflow_tutorial_dag/dagRuns",
    );
    expect(runs).toBe(2);
  });

  test("status says what Docker, Airflow, MLflow and S3 say", async () => {
    const { status, json } = await project.stackJson<StatusReport>("status");

    expect(status).toBe(0);
    expect(json.state).toBe("up");
    expect(json.services.filter(({ state }) => state === "healthy")).toHaveLength(running);
    for (const service of json.services.filter(({ state }) => state === "healthy")) {
      const started = await docker(
        "inspect",
        "--format",
        "{{.State.StartedAt}}",
        await project.containerOf(service.service),
      );
      expect(service.since).toBe(started);
      expect(service.memoryBytes).toBeGreaterThan(1024 * 1024);
    }
    expect(
      json.airflow?.components.map(({ name, status: health }) => `${name} ${health}`).toSorted(),
    ).toEqual(["dag_processor healthy", "metadatabase healthy", "scheduler healthy", "triggerer healthy"]);
    expect(json.airflow?.dags).toMatchObject([
      { dagId: "mlflow_tutorial_dag", isPaused: false, lastRun: { state: "success" } },
    ]);
    const { experiments } = await services.mlflow<{ experiments: { experiment_id: string }[] }>(
      "experiments/search",
      { max_results: 100 },
    );
    const experimentIds = experiments.map((one) => one.experiment_id);
    const { runs } = await services.mlflow<SearchedRuns>("runs/search", { experiment_ids: experimentIds });
    expect(json.mlflow).toEqual({ experiments: experiments.length, runs: runs.length, registeredModels: 2 });
    const objects = await listBucket();
    expect(json.storage?.buckets).toMatchObject([{ bucket: "mlflow", objects: objects.length }]);
  });

  test("a new DAG file is picked up within five seconds, and so is an edit", async () => {
    const file = project.path("dags", "fresh.py");
    await writeFile(file, dagText("fresh", "one"));
    await within(5000, async () =>
      (await services.airflow<DagDetails>("dags/fresh")).tags.some(({ name }) => name === "one"),
    );

    await writeFile(file, dagText("fresh", "two"));
    await within(5000, async () =>
      (await services.airflow<DagDetails>("dags/fresh")).tags.some(({ name }) => name === "two"),
    );
  });

  test("a failed task is named with the last lines of its log", async () => {
    await writeFile(
      project.path("dags", "doomed.py"),
      dagText("doomed", "x", "raise ValueError('the oven is cold')"),
    );

    const { status, json } = await project.stackJson("seed", "doomed");

    expect(json.error).toMatchObject({ code: "DAG_RUN_FAILED", status: 1 });
    expect(json.error.message).toContain("work");
    expect(JSON.stringify(json.error.facts)).toContain("the oven is cold");
    expect(status).toBe(1);
  });

  test("a syntax error in a DAG is named with file and line", async () => {
    await writeFile(
      project.path("dags", "broken.py"),
      "from airflow.sdk import dag\n\ndef oops(:\n    pass\n",
    );

    const { status, json } = await project.stackJson("seed", "broken");

    expect(json.error.code).toBe("DAG_IMPORT_FAILED");
    expect(json.error.message).toContain("dags/broken.py");
    expect(json.error.message).toMatch(/line 3|:3/u);
    expect(status).toBe(1);
  });

  test("another project on the same ports is told who holds them", async () => {
    const other = await createTestProject("other");
    await writeFile(other.path("stack.yaml"), settingsText(other.name, project.ports));

    const { status, json } = await other.stackJson("up");

    expect(json.error.code).toBe("PORT_TAKEN");
    expect(json.error.message).toContain(`port ${project.ports.airflow}`);
    expect(json.error.message).toContain(`${project.name}-${api}-1`);
    expect(status).toBe(1);
    expect(await other.leftovers()).toEqual([]);
    await other.dispose();
  });

  test("a service that was stopped is named by status and brought back by up", async () => {
    await docker("stop", await project.containerOf(triggerer));

    const half = await project.stackJson<StatusReport & Failure>("status");
    expect(half.json.state).toBe("partial");
    expect(half.json.error).toMatchObject({ code: "SERVICE_UNHEALTHY", status: 4 });
    expect(half.json.error.message).toContain(triggerer);
    expect(half.status).toBe(4);

    expect((await project.stackJson<UpResult>("up")).json.changed).toBe(true);
    expect((await project.stack("status")).status).toBe(0);
  });

  test("Ctrl-C during a start ends it with 130 within two seconds and leaves no process", async () => {
    await project.stack("down");
    const interrupted = await run("bash", [
      "-c",
      `"$0" "$1" up --project-dir "$2" & pid=$!; sleep 3; start=$(date +%s%N); kill -INT $pid; wait $pid; status=$?
       echo "$status $(( ($(date +%s%N) - start) / 1000000 ))"; pgrep -fa "compose.*$2" || pgrep -fa -- "$2/.stack" || true`,
      process.execPath,
      `${import.meta.dirname}/../../dist/cli.js`,
      project.dir,
    ]);
    const [line = "", ...processes] = interrupted.stdout.trim().split("\n");
    const [status, elapsedMs] = line.split(" ").map(Number);
    expect(status).toBe(130);
    expect(elapsedMs).toBeLessThan(2000);
    expect(processes.filter((text) => !text.includes("pgrep"))).toEqual([]);
  });

  test("down keeps the data, and is content when there is nothing left to do", async () => {
    expect((await project.stackJson<UpResult>("up")).status).toBe(0);

    const { status, json } = await project.stackJson<DownResult>("down");
    expect(status).toBe(0);
    expect(json.removed).toMatchObject({ containers: running + completed.length, networks: 2, volumes: 0 });
    expect(await project.leftovers()).toHaveLength(5);
    expect((await project.leftovers()).every((line) => line.startsWith("volume "))).toBe(true);

    const again = await project.stackJson<DownResult>("down");
    expect(again.json.removed).toEqual({ containers: 0, networks: 0, volumes: 0 });
    expect(again.status).toBe(0);

    const off = await project.stackJson<StatusReport & Failure>("status");
    expect(off.json).toMatchObject({ state: "down", error: { code: "STACK_NOT_RUNNING" } });
    expect(off.status).toBe(5);
  });

  test("plain docker compose brings the same stack up with its data", async () => {
    await docker("compose", "--file", project.path(".stack", "compose.yaml"), "up", "--detach", "--wait");

    const { status, json } = await project.stackJson<StatusReport>("status");
    expect(status).toBe(0);
    expect(json.mlflow).toMatchObject({ registeredModels: 2 });
    expect((await project.stackJson<UpResult>("up")).json.changed).toBe(false);
  });

  test("down --volumes asks first, and deletes everything of this project alone", async () => {
    const bystander = `${project.name}-bystander`;
    await docker("volume", "create", "--label", `com.docker.compose.project=${bystander}`, bystander);

    const unasked = await project.stackJson("down", "--volumes");
    expect(unasked.json.error.code).toBe("USAGE");
    expect(unasked.status).toBe(2);
    expect((await containers()).length).toBe(running + completed.length);

    expect((await project.stack("down", "--volumes", "--yes")).status).toBe(0);
    expect(await project.leftovers()).toEqual([]);
    expect(await dockerLines("volume", "ls", "--quiet", "--filter", `name=${bystander}`)).toEqual([
      bystander,
    ]);
    await docker("volume", "rm", bystander);
    await mkdir(project.path("dags"), { recursive: true });
  });
});

interface SearchedRuns {
  readonly runs: {
    readonly info: { readonly run_name: string; readonly status: string };
    readonly data: { readonly metrics: readonly { readonly key: string; readonly value: number }[] };
  }[];
}

interface DagDetails {
  readonly tags: readonly { readonly name: string }[];
}

function dagText(dagId: string, tag: string, body = "return 1"): string {
  return `from airflow.sdk import dag, task

@dag(dag_id="${dagId}", schedule=None, tags=["${tag}"])
def make():
    @task(retries=0)
    def work():
        ${body}
    work()

make()
`;
}

async function within(limitMs: number, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      if (await isTrue()) return;
    } catch {
      // Not known to Airflow yet.
    }
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms`);
    await sleep(100);
  }
}
