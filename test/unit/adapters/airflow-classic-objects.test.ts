import { describe, expect, test } from "vitest";
import { createClassicAirflowApi } from "../../../src/adapters/airflow-classic-api.ts";
import type { AirflowObjects } from "../../../src/stack/service-ports.ts";
import { createFakeServer, type FakeAnswer, type FakeRequest } from "../../support/fake-http.ts";

const connection = {
  id: "c/1",
  type: "http",
  host: "h",
  port: 1,
  login: undefined,
  password: "pass-word",
  schema: undefined,
  extra: undefined,
  description: undefined,
};
const objects: AirflowObjects = {
  connections: [connection],
  variables: [{ key: "k", value: "v" }],
  pools: [{ name: "p", slots: 3, description: undefined }],
};

function createWorld(answer: (request: FakeRequest) => FakeAnswer) {
  const { fetch, requests } = createFakeServer(answer);
  const account = { url: "http://airflow.test", username: "admin", password: "pw", dagFolders: [] };
  return { airflow: createClassicAirflowApi({ ...account, fetch }), requests };
}

const sentConnection = { connection_id: "c/1", conn_type: "http", host: "h", port: 1, password: "pass-word" };

describe("objects of airflow_settings.yaml", () => {
  test("are made", async () => {
    const { airflow, requests } = createWorld(() => ({ body: {} }));
    await airflow.putObjects(objects);
    expect(requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", "/api/v1/connections", sentConnection],
      ["POST", "/api/v1/variables", { key: "k", value: "v" }],
      ["POST", "/api/v1/pools", { name: "p", slots: 3 }],
    ]);
  });

  test("take the place of those of the same name, nothing of which stays", async () => {
    const names = new Set(["/api/v1/connections", "/api/v1/pools"]);
    const { airflow, requests } = createWorld(({ method, path }) => {
      if (method === "DELETE") names.delete("/api/v1/connections");
      return method === "POST" && names.has(path)
        ? { status: 409, body: { title: "Conflict" } }
        : { body: {} };
    });
    await airflow.putObjects(objects);
    expect(requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["POST", "/api/v1/connections", sentConnection],
      ["DELETE", "/api/v1/connections/c%2F1", undefined],
      ["POST", "/api/v1/connections", sentConnection],
      ["POST", "/api/v1/variables", { key: "k", value: "v" }],
      ["POST", "/api/v1/pools", { name: "p", slots: 3 }],
      ["PATCH", "/api/v1/pools/p", { name: "p", slots: 3, description: "" }],
    ]);
  });

  test("are named when Airflow refuses one, without what is secret in it", async () => {
    const { airflow } = createWorld(() => ({ status: 400, body: { detail: "'pass-word' is too long" } }));
    await expect(airflow.putObjects(objects)).rejects.toMatchObject({
      code: "AIRFLOW_REFUSED",
      message: expect.stringMatching(
        /the connection c\/1 of airflow_settings\.yaml: .*'\*\*\*' is too long/u,
      ),
      hint: expect.stringContaining("airflow_settings.yaml"),
    });
  });
});

test("runs that a run started are those that its dataset events made", async () => {
  const body = {
    total_entries: 1,
    dataset_events: [{ created_dagruns: [{ dag_id: "next", dag_run_id: "dataset_triggered__1" }] }],
  };
  const { airflow, requests } = createWorld(() => ({ body }));
  await expect(airflow.runsStartedBy("a", "manual__1+00:00")).resolves.toEqual([
    { dagId: "next", runId: "dataset_triggered__1" },
  ]);
  expect(requests[0]?.path).toContain("/api/v1/datasets/events?");
  expect(requests[0]?.path).toContain("&source_dag_id=a&source_run_id=manual__1%2B00%3A00");
});
