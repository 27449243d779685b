import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InitResult } from "../../src/stack/init/init-project.ts";
import type { SeedResult } from "../../src/stack/seed/seed-types.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { callAirflow } from "../support/call-airflow.ts";
import { layoutFacts, usualLayout } from "../support/layouts.ts";
import { docker, repository } from "../support/run.ts";
import { createTestProject, type Failure, type TestProject } from "../support/test-project.ts";

const { scheduler } = layoutFacts[usualLayout];
const fixture = join(repository, "test", "fixtures", "astro-project");

// Makes the image another one, so that it is built where an earlier run left its own, too.
const mark = `# ${process.pid} ${Date.now()}\n`;

/* A folder laid out like an Astro project, brought up as it is. */
describe("a project of the user's own", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = await createTestProject("project");
  });
  afterAll(async () => {
    await project.dispose();
  });

  test("is adopted from another folder", async () => {
    const { json } = await project.stackJson<InitResult & Partial<Failure>>("init", "--from", fixture);
    expect(json.error).toBeUndefined();
    expect(json.copied).toEqual(json.understood.map(({ path }) => path));
    expect(json.understood.map(({ path }) => path)).toEqual([
      "dags/",
      "include/",
      "plugins/",
      "requirements.txt",
      "packages.txt",
      "Dockerfile",
      ".env",
      "airflow_settings.yaml",
      "docker-compose.override.yml",
      "copied.txt",
    ]);
    await appendFile(project.path("requirements.txt"), mark);
    // The connection as the tutorial describes it, with a login that nobody looks at; the port is this test's own.
    const { mlflow } = project.ports;
    await appendFile(
      project.path(".env"),
      `FIXTURE_MLFLOW_PORT=${mlflow}\nAIRFLOW_CONN_MLFLOW_DEFAULT={"conn_type": "http", "host": "http://host.docker.internal", "port": ${mlflow}, "login": "a", "password": "b"}\n`,
    );
  });

  test("comes up, saying what of it does not apply here", async () => {
    const { status, json, stderr } = await project.stackJson<UpResult & Partial<Failure>>("up");
    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
    expect(json.builtImages).toContain("project");
    expect(stderr).toContain("Dockerfile: CMD (line 9) left out");
    expect(stderr).toContain(".env: AIRFLOW__CORE__EXECUTOR left out");
    expect(stderr).toContain(
      "MLflow asks for no login, because AIRFLOW_CONN_MLFLOW_DEFAULT is the project's own",
    );
    expect(stderr).toContain("docker-compose.override.yml: the service mlflow is left out");
  });

  test("gives its tasks packages, include, settings, connections, variables, pools and the host", async () => {
    const { status, json } = await project.stackJson<SeedResult & Partial<Failure>>(
      "seed",
      "astro_project_dag",
    );
    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
    const runId = json.dags[0]?.run?.runId ?? "";
    const path = `/api/v2/dags/astro_project_dag/dagRuns/${encodeURIComponent(runId)}/taskInstances/look/xcomEntries/return_value`;
    const { value } = (await callAirflow(project, path)) as { value: unknown };
    expect(typeof value === "string" ? JSON.parse(value) : value).toEqual({
      requirements: ["4.12.0", "1,234,567"],
      packages: expect.stringMatching(/^jq-1\./u) as string,
      include: "hello Airflow",
      astro_home: true,
      dockerfile: ["yes", "built as root"],
      pip: true,
      copied: "copied",
      env: "from .env",
      override: "yes",
      mounted: true,
      connection: ["fixture.example", 8443, "someone", "s3cret"],
      connection_extra: { timeout: 7 },
      variable: "a value",
      variable_mapping: { answer: 42 },
      mlflow_on_host: "OK",
      mlflow_by_connection: 200,
    });
  });

  test("has its plugin loaded and its pool made", async () => {
    const { plugins } = (await callAirflow(project, "/api/v2/plugins")) as { plugins: { name: string }[] };
    expect(plugins.map(({ name }) => name)).toContain("fixture_plugin");
    expect(await callAirflow(project, "/api/v2/pools/fixture_pool")).toMatchObject({ slots: 3 });
  });

  test("has the services that its override adds, and the stack's own MLflow", async () => {
    const sidecar = await project.containerOf("sidecar");
    expect(await docker("inspect", "--format", "{{.State.Status}}", sidecar)).toBe("running");
    const mlflow = await project.containerOf("mlflow");
    expect(await docker("inspect", "--format", "{{.Config.Image}}", mlflow)).toMatch(/^stack-mlflow:/u);
  });

  test("changes nothing the second time", async () => {
    const { json } = await project.stackJson<UpResult>("up");
    expect(json).toMatchObject({ changed: false, builtImages: [] });
  });

  test("fails on requirements that conflict in the resolver's words, and what runs goes on", async () => {
    const before = await project.containerOf(scheduler);
    const compose = await readFile(project.path(".stack", "compose.yaml"), "utf8");
    await writeFile(project.path("requirements.txt"), "humanize==4.12.0\nscikit-learn==1.3.0\n");

    const { status, json } = await project.stackJson("up");

    expect(json.error.code).toBe("REQUIREMENTS_CONFLICT");
    expect(json.error.message).toMatch(
      /Because you require scikit-learn==1\.3\.0 and scikit-learn==[\d.]+, we can conclude that your requirements are unsatisfiable\./u,
    );
    expect(status).toBe(1);
    expect(await project.containerOf(scheduler)).toBe(before);
    expect(await readFile(project.path(".stack", "compose.yaml"), "utf8")).toBe(compose);
    expect(await callAirflow(project, "/api/v2/pools/fixture_pool")).toMatchObject({ slots: 3 });
  });

  test("is rebuilt in seconds after an edit of requirements.txt, and runs the new packages", async () => {
    await writeFile(project.path("requirements.txt"), `humanize==4.13.0\n${mark}`);
    const { status, json, stderr } = await project.stackJson<UpResult>("up");
    expect(status).toBe(0);
    expect(json.builtImages).toEqual(["project"]);
    const seconds = Number(/image project ([\d.]+) s/u.exec(stderr)?.[1]);
    expect(seconds).toBeLessThan(30);
    const version = "import importlib.metadata as m; print(m.version('humanize'))";
    const airflow = await project.containerOf(scheduler);
    expect(await docker("exec", airflow, "python", "-c", version)).toBe("4.13.0");
  });
});
