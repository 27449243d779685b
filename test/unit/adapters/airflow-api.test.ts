import { describe, expect, test } from "vitest";
import { createAirflowApi } from "../../../src/adapters/airflow-api.ts";
import {
  connectionRefused,
  createFakeServer,
  type FakeAnswer,
  type FakeRequest,
} from "../../support/fake-http.ts";

const url = "http://airflow.test:8080";

/** An Airflow that hands out tokens "t1", "t2", ... and answers the rest as it is told. */
function createWorld(answer: (request: FakeRequest) => FakeAnswer) {
  let tokens = 0;
  const server = createFakeServer((request) =>
    request.path === "/auth/token"
      ? { status: 201, body: { access_token: `t${++tokens}` } }
      : answer(request),
  );
  const airflow = createAirflowApi({ url, username: "admin", password: "pw", fetch: server.fetch });
  return { airflow, requests: server.requests };
}

const wireDag = (dagId: string, more: object = {}) => ({
  dag_id: dagId,
  is_paused: true,
  is_stale: false,
  relative_fileloc: `${dagId}.py`,
  fileloc: `/opt/airflow/dags/${dagId}.py`,
  file_token: "token",
  last_parsed_time: "2026-01-02T03:04:05Z",
  ...more,
});
const wireError = (file: string) => ({
  filename: file,
  stack_trace: "SyntaxError",
  timestamp: "2026-01-02T03:04:05Z",
});

describe("logging in", () => {
  const health = { body: { metadatabase: {}, scheduler: {}, triggerer: {}, dag_processor: null } };

  test("happens once, with the account, and its token goes with every call", async () => {
    const { airflow, requests } = createWorld(() => health);
    await airflow.components();
    await airflow.components();
    expect(
      requests.map(({ method, path, headers }) => `${method} ${path} ${headers["authorization"]}`),
    ).toEqual([
      "POST /auth/token undefined",
      "GET /api/v2/monitor/health Bearer t1",
      "GET /api/v2/monitor/health Bearer t1",
    ]);
    expect(requests[0]?.body).toEqual({ username: "admin", password: "pw" });
  });

  test("is shared by calls that begin together", async () => {
    const { airflow, requests } = createWorld(() => health);
    await Promise.all([airflow.components(), airflow.components(), airflow.components()]);
    expect(requests.map(({ path }) => path).filter((path) => path === "/auth/token")).toHaveLength(1);
    expect(requests).toHaveLength(4);
  });

  test("is tried anew after a failure", async () => {
    let isReady = false;
    const server = createFakeServer(({ path }) =>
      path !== "/auth/token" ? health : isReady ? { body: { access_token: "t1" } } : { status: 503 },
    );
    const airflow = createAirflowApi({ url, username: "admin", password: "pw", fetch: server.fetch });
    await expect(airflow.components()).rejects.toMatchObject({ code: "AIRFLOW_REFUSED" });
    isReady = true;
    await expect(airflow.components()).resolves.toHaveLength(4);
  });

  test("happens again when the token has ended", async () => {
    let ended = "";
    const { airflow, requests } = createWorld(({ headers }) =>
      headers["authorization"] === ended ? { status: 401, body: { detail: "Token expired" } } : health,
    );
    await airflow.components();
    ended = "Bearer t1";
    await expect(airflow.components()).resolves.toHaveLength(4);
    expect(requests.at(-1)?.headers["authorization"]).toBe("Bearer t2");
  });

  test("is not tried for ever", async () => {
    const { airflow, requests } = createWorld(() => ({ status: 401, body: { detail: "Not you" } }));
    await expect(airflow.components()).rejects.toMatchObject({ code: "AIRFLOW_REFUSED" });
    await expect(airflow.components()).rejects.toMatchObject({
      message: "Airflow refused GET /api/v2/monitor/health: Not you (401).",
    });
    expect(requests.filter(({ path }) => path === "/auth/token")).toHaveLength(2);
  });

  test("that is refused says so, without the password", async () => {
    const server = createFakeServer(() => ({ status: 401, body: { detail: "Invalid credentials" } }));
    const airflow = createAirflowApi({ url, username: "admin", password: "pw-123", fetch: server.fetch });
    const failure = airflow.dags();
    await expect(failure).rejects.toMatchObject({
      code: "AIRFLOW_REFUSED",
      message: "Airflow refused the login of admin: Invalid credentials (401).",
      facts: { status: 401 },
    });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining("pw-123") });
  });
});

describe("a refusal", () => {
  test("of a token that Airflow made by a clock that was put back since says so", async () => {
    const { airflow } = createWorld(() => ({ status: 403, body: { detail: "Invalid JWT token" } }));
    await expect(airflow.components()).rejects.toMatchObject({
      code: "AIRFLOW_REFUSED",
      hint: expect.stringMatching(/^Airflow's clock was put back.*`stack doctor`/u),
    });
  });

  test.each([
    ["a text", { detail: "Dag with dag_id: 'x' not found" }, "Dag with dag_id: 'x' not found"],
    ["a structure", { detail: [{ loc: ["body"], msg: "required" }] }, '[{"loc":["body"],"msg":"required"}]'],
    ["no JSON", "Bad gateway", "Bad gateway"],
    ["nothing", "", "no reason given"],
  ])("with $0 for a reason keeps it", async (_, body, words) => {
    const { airflow } = createWorld(() => ({ status: 404, body }));
    await expect(airflow.trigger("x")).rejects.toMatchObject({
      code: "AIRFLOW_REFUSED",
      message: `Airflow refused POST /api/v2/dags/x/dagRuns: ${words} (404).`,
    });
  });

  test("is also an answer of another form", async () => {
    const { airflow } = createWorld(() => ({ body: { dag_id: "x" } }));
    await expect(airflow.trigger("x")).rejects.toMatchObject({
      code: "AIRFLOW_REFUSED",
      message: expect.stringContaining("dag_run_id"),
    });
  });

  test("is also no answer", async () => {
    const { fetch } = createFakeServer(() => {
      throw connectionRefused();
    });
    const airflow = createAirflowApi({ url, username: "admin", password: "pw", fetch });
    await expect(airflow.dags()).rejects.toMatchObject({
      code: "AIRFLOW_REFUSED",
      message: `Airflow at ${url} does not answer: connect ECONNREFUSED 127.0.0.1:8080.`,
      hint: "Run `stack status` to see whether it is up.",
    });
  });
});

describe("a component", () => {
  test("is unknown when Airflow doesn't say how it is", async () => {
    const { airflow } = createWorld(() => ({
      body: {
        metadatabase: { status: "healthy" },
        scheduler: { status: "unhealthy", latest_scheduler_heartbeat: "2026-01-02T03:04:05+00:00" },
        triggerer: { status: null, latest_triggerer_heartbeat: null },
      },
    }));
    await expect(airflow.components()).resolves.toEqual([
      { name: "metadatabase", status: "healthy", latestHeartbeat: undefined },
      { name: "scheduler", status: "unhealthy", latestHeartbeat: "2026-01-02T03:04:05+00:00" },
      { name: "triggerer", status: "unknown", latestHeartbeat: undefined },
      { name: "dag_processor", status: "unknown", latestHeartbeat: undefined },
    ]);
  });
});

describe("the DAGs", () => {
  const dagsAndErrors = (dags: readonly object[], errors: readonly object[]) =>
    createWorld(({ path }) => {
      const query = new URL(path, url).searchParams;
      const offset = Number(query.get("offset"));
      const limit = Number(query.get("limit"));
      const page = (name: string, items: readonly object[]) => ({
        body: { [name]: items.slice(offset, offset + limit), total_entries: items.length },
      });
      return path.startsWith("/api/v2/importErrors") ? page("import_errors", errors) : page("dags", dags);
    });

  test("are read over all pages", async () => {
    const names = Array.from({ length: 230 }, (_, index) => `dag${index}`);
    const { airflow } = dagsAndErrors(
      names.map((name) => wireDag(name)),
      [],
    );
    expect((await airflow.dags()).map(({ dagId }) => dagId)).toEqual(names);
  });

  test("include one whose file can't be imported, and not one that has left its file", async () => {
    const stale = { is_stale: true };
    const { airflow } = dagsAndErrors(
      [wireDag("good"), wireDag("broken", stale), wireDag("gone", stale)],
      [wireError("broken.py")],
    );
    expect(await airflow.dags()).toMatchObject([
      { dagId: "good", hasImportErrors: false },
      { dagId: "broken", hasImportErrors: true },
    ]);
  });

  test("can be asked for one that has left its file, which is none", async () => {
    const { airflow } = createWorld(({ path }) =>
      path.startsWith("/api/v2/importErrors")
        ? { body: { import_errors: [], total_entries: 0 } }
        : { body: wireDag("gone", { is_stale: true }) },
    );
    await expect(airflow.dag("gone")).resolves.toBeUndefined();
  });
});

describe("a run", () => {
  test("has its id encoded in the address", async () => {
    const { airflow, requests } = createWorld(() => ({
      body: {
        dag_id: "a b",
        dag_run_id: "manual__2026-01-02T03:04:05+00:00",
        state: "running",
        start_date: null,
        end_date: null,
      },
    }));
    await airflow.dagRun("a b", "manual__2026-01-02T03:04:05+00:00");
    expect(requests.at(-1)?.path).toBe(
      "/api/v2/dags/a%20b/dagRuns/manual__2026-01-02T03%3A04%3A05%2B00%3A00",
    );
  });

  test("is triggered without a logical date, which the API wants to be told", async () => {
    const { airflow, requests } = createWorld(() => ({
      body: { dag_id: "x", dag_run_id: "r", state: "queued", start_date: null, end_date: null },
    }));
    await expect(airflow.trigger("x")).resolves.toEqual({
      dagId: "x",
      runId: "r",
      state: "queued",
      startedAt: undefined,
      endedAt: undefined,
    });
    expect(requests.at(-1)?.body).toEqual({ logical_date: null, conf: {} });
  });
});

describe("a file that already waits to be parsed", () => {
  test("needs no second request", async () => {
    const { airflow } = createWorld(() => ({ status: 409, body: { detail: "Unique constraint violation" } }));
    await expect(airflow.parseFile("token")).resolves.toBeUndefined();
  });
});

describe("a task's log", () => {
  const task = { dagId: "x", runId: "r", taskId: "t", mapIndex: 3, tryNumber: 2 };

  test("is its messages and traces, without the marks that only fold lines", async () => {
    const { airflow, requests } = createWorld(() => ({
      body: {
        content: [
          { event: "::group::Log message source details" },
          { event: "::endgroup::" },
          { timestamp: "2026-01-02T03:04:05Z", event: "two\nlines", level: "info" },
          {
            event: "Task failed with exception",
            error_detail: [
              {
                exc_type: "ValueError",
                exc_value: "no luck",
                frames: [{ filename: "/opt/airflow/dags/x.py", lineno: 8, name: "boom" }],
              },
            ],
          },
        ],
        continuation_token: null,
      },
    }));
    await expect(airflow.taskLog(task)).resolves.toEqual([
      "two",
      "lines",
      "Task failed with exception",
      '  File "/opt/airflow/dags/x.py", line 8, in boom',
      "ValueError: no luck",
    ]);
    expect(requests.at(-1)?.path).toBe(
      "/api/v2/dags/x/dagRuns/r/taskInstances/t/logs/2?full_content=true&map_index=3",
    );
  });

  test("may be plain lines", async () => {
    const { airflow } = createWorld(() => ({ body: { content: ["one\ntwo", "three"] } }));
    await expect(airflow.taskLog(task)).resolves.toEqual(["one", "two", "three"]);
  });
});

test("runs that a run started are those of the events that it caused", async () => {
  const event = (...dagIds: readonly string[]) => ({
    created_dagruns: dagIds.map((dag_id) => ({ dag_id, run_id: `asset_triggered__${dag_id}` })),
  });
  const { airflow, requests } = createWorld(() => ({
    body: { asset_events: [event(), event("train", "report")], total_entries: 2 },
  }));
  await expect(airflow.runsStartedBy("feature_eng", "manual__1+2")).resolves.toEqual([
    { dagId: "train", runId: "asset_triggered__train" },
    { dagId: "report", runId: "asset_triggered__report" },
  ]);
  expect(requests.at(-1)?.path).toBe(
    "/api/v2/assets/events?limit=100&offset=0&source_dag_id=feature_eng&source_run_id=manual__1%2B2",
  );
});
