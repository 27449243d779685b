import { describe, expect, test } from "vitest";
import { createClassicAirflowApi } from "../../../src/adapters/airflow-classic-api.ts";
import {
  connectionRefused,
  createFakeServer,
  type FakeAnswer,
  type FakeRequest,
} from "../../support/fake-http.ts";

const url = "http://airflow.test:8080";
const dagFolders = ["/opt/airflow/dags/.stack-dags", "/opt/airflow/dags"];

function createWorld(answer: (request: FakeRequest) => FakeAnswer) {
  const { fetch, requests } = createFakeServer(answer);
  const airflow = createClassicAirflowApi({ url, username: "admin", password: "pw", fetch, dagFolders });
  return { airflow, requests };
}

const wireDag = (dagId: string, more: object = {}) => ({
  dag_id: dagId,
  is_paused: true,
  is_active: true,
  has_import_errors: false,
  fileloc: `/opt/airflow/dags/${dagId}.py`,
  file_token: "token",
  last_parsed_time: "2026-01-02T03:04:05+00:00",
  ...more,
});
const wireRun = { dag_id: "x", dag_run_id: "r", state: "queued", start_date: null, end_date: null };

test("every call brings name and password, and there is no login", async () => {
  const { airflow, requests } = createWorld(() => ({ body: wireRun }));
  await airflow.dagRun("x", "r");
  expect(requests.map(({ path, headers }) => [path, headers["authorization"]])).toEqual([
    ["/api/v1/dags/x/dagRuns/r", `Basic ${btoa("admin:pw")}`],
  ]);
});

describe("a refusal", () => {
  test.each([
    [{ title: "DAG not found", detail: "DAG with dag_id: 'x' not found" }, "DAG with dag_id: 'x' not found"],
    [{ title: "Dag with id: 'x' not found", detail: null }, "Dag with id: 'x' not found"],
    [{ title: "Dag with id: 'x' not found" }, "Dag with id: 'x' not found"],
  ])("keeps Airflow's words: %j", async (body, words) => {
    const { airflow } = createWorld(() => ({ status: 404, body }));
    await expect(airflow.trigger("x")).rejects.toMatchObject({
      code: "AIRFLOW_REFUSED",
      message: `Airflow refused POST /api/v1/dags/x/dagRuns: ${words} (404).`,
    });
  });

  test("of the password says what is wrong", async () => {
    const { airflow } = createWorld(() => ({ status: 401, body: { title: "Unauthorized", detail: null } }));
    const failure = airflow.dags();
    await expect(failure).rejects.toMatchObject({ hint: expect.stringContaining("admin password") });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining("pw") });
  });

  test("is also no answer", async () => {
    const { airflow } = createWorld(() => {
      throw connectionRefused();
    });
    await expect(airflow.dags()).rejects.toMatchObject({ code: "AIRFLOW_REFUSED" });
  });

  test("of a log is one, too", async () => {
    const { airflow } = createWorld(() => ({ status: 404, body: { title: "TaskInstance not found" } }));
    const task = { dagId: "x", runId: "r", taskId: "t", mapIndex: -1, tryNumber: 1 };
    await expect(airflow.taskLog(task)).rejects.toMatchObject({
      message: expect.stringContaining("TaskInstance not found (404)"),
    });
  });
});

test("the components are those that Airflow 2 has", async () => {
  const { airflow, requests } = createWorld(() => ({
    body: {
      metadatabase: { status: "healthy" },
      scheduler: { status: "healthy", latest_scheduler_heartbeat: "2026-01-02T03:04:05+00:00" },
      triggerer: { status: "unhealthy", latest_triggerer_heartbeat: "2026-01-02T03:04:05+00:00" },
      dag_processor: { status: null, latest_dag_processor_heartbeat: null },
    },
  }));
  expect((await airflow.components()).map(({ name, status }) => `${name} ${status}`)).toEqual([
    "metadatabase healthy",
    "scheduler healthy",
    "triggerer unhealthy",
  ]);
  expect(requests[0]?.path).toBe("/api/v1/health");
});

describe("a DAG", () => {
  test.each([
    ["/opt/airflow/dags/sub/x.py", "sub/x.py"],
    ["/opt/airflow/dags/.stack-dags/x.py", "x.py"],
    ["/elsewhere/x.py", "/elsewhere/x.py"],
  ])("in %s has its file told from its folder: %s", async (fileloc, file) => {
    const { airflow } = createWorld(() => ({ body: wireDag("x", { fileloc }) }));
    await expect(airflow.dag("x")).resolves.toEqual({
      dagId: "x",
      isPaused: true,
      hasImportErrors: false,
      file,
      fileToken: "token",
      lastParsed: "2026-01-02T03:04:05+00:00",
    });
  });

  test.each([{ is_active: false }, { is_active: null }])(
    "that has left its file is none: %j",
    async (more) => {
      const { airflow } = createWorld(() => ({ body: wireDag("x", more) }));
      await expect(airflow.dag("x")).resolves.toBeUndefined();
    },
  );

  test("whose file can't be imported is one, and says so", async () => {
    const broken = wireDag("x", { is_active: false, has_import_errors: true });
    const { airflow } = createWorld(() => ({ body: broken }));
    await expect(airflow.dag("x")).resolves.toMatchObject({ hasImportErrors: true });
  });

  test("of an unknown name is none", async () => {
    const { airflow } = createWorld(() => ({ status: 404, body: { title: "DAG not found" } }));
    await expect(airflow.dag("x")).resolves.toBeUndefined();
  });

  test("is read over all pages, with those that are not active", async () => {
    const names = Array.from({ length: 130 }, (_, index) => `dag${index}`);
    const { airflow, requests } = createWorld(({ path }) => {
      const query = new URL(path, url).searchParams;
      const [offset, limit] = [Number(query.get("offset")), Number(query.get("limit"))];
      const dags = names.slice(offset, offset + limit).map((name) => wireDag(name));
      return { body: { dags, total_entries: names.length } };
    });
    expect((await airflow.dags()).map(({ dagId }) => dagId)).toEqual(names);
    expect(requests.every(({ path }) => path.includes("only_active=false"))).toBe(true);
  });
});

test("an import error names its file from the DAG folder", async () => {
  const error = {
    filename: "/opt/airflow/dags/broken.py",
    stack_trace: "SyntaxError",
    timestamp: "2026-01-02T03:04:05+00:00",
  };
  const { airflow } = createWorld(() => ({ body: { import_errors: [error], total_entries: 1 } }));
  await expect(airflow.importErrors()).resolves.toEqual([
    { file: "broken.py", stackTrace: "SyntaxError", timestamp: error.timestamp },
  ]);
});

test("a run is triggered with its settings alone", async () => {
  const { airflow, requests } = createWorld(() => ({ body: wireRun }));
  await airflow.trigger("x", undefined, { token: "t" });
  expect(requests[0]?.body).toEqual({ conf: { token: "t" } });
});

describe("a task's log", () => {
  const task = { dagId: "x", runId: "r", taskId: "t", mapIndex: -1, tryNumber: 1 };
  const note = (file: string, words: string) => `[2026-01-02T03:04:05.678+0000] {${file}:12} ${words}`;

  test("is what the task said, so that its error is the last of it", async () => {
    const text = [
      "airflow-scheduler",
      "*** Found local files:",
      "***   * /opt/airflow/logs/dag_id=x/attempt=1.log",
      note("taskinstance.py", "INFO - Starting attempt 1 of 1"),
      note("x.py", "INFO - flour is there"),
      note("taskinstance.py", "ERROR - Task failed with exception"),
      "Traceback (most recent call last):",
      "ValueError: the oven is cold",
      note("standard_task_runner.py", "ERROR - Failed to execute job 4"),
      note("local_task_job_runner.py", "INFO - Task exited with return code 1"),
      "",
    ].join("\n");
    const { airflow, requests } = createWorld(() => ({ body: text }));
    await expect(airflow.taskLog(task)).resolves.toEqual([
      note("x.py", "INFO - flour is there"),
      "Traceback (most recent call last):",
      "ValueError: the oven is cold",
    ]);
    expect(requests[0]?.headers["accept"]).toBe("text/plain");
  });

  test("of a silent task is what Airflow noted", async () => {
    const text = `airflow-scheduler\n${note("taskinstance.py", "INFO - Marking task as SUCCESS")}\n`;
    const { airflow } = createWorld(() => ({ body: text }));
    await expect(airflow.taskLog(task)).resolves.toHaveLength(2);
  });
});
