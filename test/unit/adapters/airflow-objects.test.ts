import { expect, test } from "vitest";
import { createAirflowApi } from "../../../src/adapters/airflow-api.ts";
import type { AirflowObjects } from "../../../src/stack/service-ports.ts";
import { createFakeServer, type FakeAnswer } from "../../support/fake-http.ts";

const connection = {
  id: "c",
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
  pools: [],
};

async function put(answer: FakeAnswer) {
  const server = createFakeServer(({ path }) =>
    path === "/auth/token" ? { status: 201, body: { access_token: "t" } } : answer,
  );
  const airflow = createAirflowApi({
    url: "http://airflow.test",
    username: "admin",
    password: "pw",
    fetch: server.fetch,
  });
  await airflow.putObjects(objects);
  return server.requests.slice(1);
}

test("objects are put by kind, over what is there, and empty kinds not at all", async () => {
  const requests = await put({ body: { create: { success: ["c"], errors: [] } } });
  expect(requests.map(({ method, path, body }) => [method, path, body])).toEqual([
    [
      "PATCH",
      "/api/v2/connections",
      {
        actions: [
          {
            action: "create",
            action_on_existence: "overwrite",
            entities: [{ connection_id: "c", conn_type: "http", host: "h", port: 1, password: "pass-word" }],
          },
        ],
      },
    ],
    [
      "PATCH",
      "/api/v2/variables",
      {
        actions: [
          { action: "create", action_on_existence: "overwrite", entities: [{ key: "k", value: "v" }] },
        ],
      },
    ],
  ]);
});

test("one that Airflow will not take is an error in its words", async () => {
  const errors = [{ error: "conn_id is too long", status_code: 422 }];
  await expect(put({ body: { create: { success: [], errors } } })).rejects.toMatchObject({
    code: "AIRFLOW_REFUSED",
    message: expect.stringContaining("conn_id is too long"),
    hint: expect.stringContaining("airflow_settings.yaml"),
  });
});

test("a refusal that quotes what it was sent does not tell secrets", async () => {
  const detail = [{ loc: ["body"], input: { password: "pass-word" } }];
  const refused = put({ status: 422, body: { detail } });
  await expect(refused).rejects.toMatchObject({ message: expect.stringContaining("***") });
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining("pass-word") });
});
