import { appendFile, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConnectionTest } from "../../src/stack/connection/connection-test.ts";
import { layoutFacts, layoutsToTry } from "../support/layouts.ts";
import { docker } from "../support/run.ts";
import { createTestProject, type Failure, type TestProject } from "../support/test-project.ts";

const settings = "stack.yaml";
const secrets = ".stack/.env";

/* The login of the stack's own MLflow: off and on over the same data. */
describe.each(layoutsToTry)("the stack's own MLflow, Airflow's components %s", (layout) => {
  const { airflow } = layoutFacts[layout];
  let project: TestProject;

  const up = async (): Promise<void> => {
    const { status, stderr } = await project.stackJson("up");
    expect(status, stderr).toBe(0);
  };
  const edit = async (file: string, from: string, to: string): Promise<void> => {
    const path = project.path(...file.split("/"));
    await writeFile(path, (await readFile(path, "utf8")).replace(from, to));
  };
  const ask = async (path: string, login?: string, body?: object, method = "POST"): Promise<Response> =>
    await fetch(`http://localhost:${project.ports.mlflow}${path}`, {
      headers: {
        "content-type": "application/json",
        ...(login === undefined ? {} : { authorization: `Basic ${btoa(login)}` }),
      },
      ...(body === undefined ? {} : { method, body: JSON.stringify(body) }),
    });
  const create = async (name: string, login?: string): Promise<string> => {
    const answer = await ask("/api/2.0/mlflow/experiments/create", login, { name });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { experiment_id: string }).experiment_id;
  };
  const namesSeenBy = async (login?: string): Promise<readonly string[]> => {
    const answer = await ask("/api/2.0/mlflow/experiments/search", login, { max_results: 100 });
    expect(answer.status).toBe(200);
    const { experiments } = (await answer.json()) as { experiments: { name: string }[] };
    return experiments.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b));
  };
  const people = async (): Promise<string> => `admin:${await project.secret("MLFLOW_ADMIN_PASSWORD")}`;
  const tasks = async (): Promise<string> => `mlflow:${await project.secret("MLFLOW_PASSWORD")}`;

  beforeAll(async () => {
    project = await createTestProject("mlflow-login");
    await appendFile(project.path(settings), `airflow: { layout: ${layout} }\nmlflow: { auth: none }\n`);
    await up();
    await create("before");
    await edit(settings, "auth: none", "auth: basic");
    await up();
  });
  afterAll(async () => {
    await project.dispose();
  });

  test("lets a browser ask for the login, and its health be asked without one", async () => {
    const page = await ask("/");
    expect(page.status).toBe(401);
    expect(page.headers.get("www-authenticate")).toBe('Basic realm="mlflow"');
    expect((await ask("/", await people())).status).toBe(200);
    expect((await ask("/", "admin:wrong")).status).toBe(401);
    expect((await ask("/api/2.0/mlflow-artifacts/artifacts?path=0")).status).toBe(401);
    expect((await ask("/health")).status).toBe(200);
  });

  test("shows each user what was there before, and what the other one made", async () => {
    const ofPeople = await create("of-people", await people());
    const ofTasks = await create("of-tasks", await tasks());
    const all = ["before", "Default", "of-people", "of-tasks"];
    for (const login of [await people(), await tasks()]) expect(await namesSeenBy(login)).toEqual(all);
    for (const [experiment_id, login] of [
      [ofPeople, await tasks()],
      [ofTasks, await people()],
    ] as const) {
      const run = await ask("/api/2.0/mlflow/runs/create", login, { experiment_id });
      expect(run.status, await run.text()).toBe(200);
    }
  });

  test("keeps the passwords from everybody who needn't know them", async () => {
    const [ofPeople, ofTasks] = [
      await project.secret("MLFLOW_ADMIN_PASSWORD"),
      await project.secret("MLFLOW_PASSWORD"),
    ];
    const compose = await readFile(project.path(".stack", "compose.yaml"), "utf8");
    const { stdout: logs } = await project.stack("logs", "mlflow", "--tail", "all");
    const others = await Promise.all(
      [...airflow, "postgres", "minio"].map(async (service) =>
        docker("inspect", await project.containerOf(service)),
      ),
    );
    for (const text of [compose, logs, ...others]) expect(text).not.toContain(ofPeople);
    for (const text of [compose, logs, ...others.slice(airflow.length)]) expect(text).not.toContain(ofTasks);
  });

  test("is called by every command and by tasks as the tasks' user", async () => {
    const tested = await project.stackJson<ConnectionTest>("connection", "test");
    expect(tested.json).toMatchObject({ login: "mlflow", isApplied: true });
    expect(tested.json.checks.map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
    const proved = await project.stackJson("prove");
    expect(proved.status, proved.stderr).toBe(0);
  });

  test("names a password that was changed behind the stack, and takes those of a new start", async () => {
    const old = await tasks();
    const change = { username: "mlflow", password: "changed by somebody" };
    const changed = await ask("/api/2.0/mlflow/users/update-password", await people(), change, "PATCH");
    expect(changed.status).toBe(200);
    const refused = await project.stackJson<ConnectionTest & Failure>("connection", "test");
    expect(refused.status).toBe(1);
    expect(refused.json.checks.map(({ code }) => code)).toEqual([
      "MLFLOW_LOGIN_REFUSED",
      "MLFLOW_LOGIN_REFUSED",
    ]);

    await edit(secrets, await project.secret("MLFLOW_PASSWORD"), "renewed-password");
    await up();
    expect(await namesSeenBy("mlflow:renewed-password")).toContain("of-tasks");
    expect((await ask("/", old)).status).toBe(401);
  });

  test("goes on with the same data without logins", async () => {
    await edit(settings, "auth: basic", "auth: none");
    await up();
    expect(await namesSeenBy()).toEqual(["before", "Default", "of-people", "of-tasks"]);
  });
});
