import { describe, expect, test } from "vitest";
import { createMlflowApi } from "../../../src/adapters/mlflow-api.ts";
import {
  connectionRefused,
  createFakeServer,
  type FakeAnswer,
  type FakeRequest,
} from "../../support/fake-http.ts";

const url = "http://mlflow.test:5000";

function createWorld(answer: (request: FakeRequest) => FakeAnswer) {
  const { fetch, requests } = createFakeServer(answer);
  return { mlflow: createMlflowApi({ url, fetch }), requests };
}

describe("a search", () => {
  test("reads all pages", async () => {
    const { mlflow } = createWorld(({ body }) => {
      const token = String(Reflect.get(Object(body), "page_token"));
      const number = token === "" ? 1 : Number(token);
      const experiment = { experiment_id: `${number}`, name: `e${number}`, artifact_location: "s3://mlflow" };
      return {
        body: { experiments: [experiment], ...(number < 3 ? { next_page_token: `${number + 1}` } : {}) },
      };
    });
    expect((await mlflow.experiments()).map(({ name }) => name)).toEqual(["e1", "e2", "e3"]);
  });

  test("understands that empty lists are left out", async () => {
    const { mlflow } = createWorld(() => ({ body: {} }));
    await expect(mlflow.experiments()).resolves.toEqual([]);
    await expect(mlflow.runs({ experimentIds: ["1"] })).resolves.toEqual([]);
    await expect(mlflow.registeredModels()).resolves.toEqual([]);
  });

  test("for runs in no experiment asks nothing, since MLflow refuses it", async () => {
    const { mlflow, requests } = createWorld(() => ({ status: 400 }));
    await expect(mlflow.runs({ experimentIds: [] })).resolves.toEqual([]);
    expect(requests).toEqual([]);
  });

  test("for registered models is a GET with its page in the address", async () => {
    const { mlflow, requests } = createWorld(() => ({ body: { registered_models: [{ name: "m" }] } }));
    await expect(mlflow.registeredModels()).resolves.toEqual([{ name: "m", tags: {}, aliases: {} }]);
    expect(requests).toMatchObject([
      { method: "GET", path: "/api/2.0/mlflow/registered-models/search?max_results=1000&page_token=" },
    ]);
  });
});

describe("a registered model", () => {
  test("has aliases and versions, which are asked for by its name", async () => {
    const { mlflow, requests } = createWorld(({ path }) =>
      path.includes("model-versions")
        ? { body: { model_versions: [{ name: "m 1", version: "2", run_id: "r", status: "READY" }] } }
        : { body: { registered_models: [{ name: "m 1", aliases: [{ alias: "champion", version: "2" }] }] } },
    );
    await expect(mlflow.registeredModels()).resolves.toEqual([
      { name: "m 1", tags: {}, aliases: { champion: "2" } },
    ]);
    await expect(mlflow.modelVersions("m 1")).resolves.toEqual([
      { version: "2", runId: "r", status: "READY" },
    ]);
    expect(requests.at(-1)?.path).toBe(
      "/api/2.0/mlflow/model-versions/search?filter=name%20%3D%20%27m%201%27&max_results=1000&page_token=",
    );
  });
});

test("artifacts are the files at the top of a run's, without its folders", async () => {
  const files = [
    { path: "plots", is_dir: true },
    { path: "a.png", is_dir: false, file_size: 7 },
    { path: "empty" },
  ];
  const { mlflow } = createWorld(() => ({ body: { root_uri: "s3://mlflow/x", files } }));
  await expect(mlflow.artifacts("r")).resolves.toEqual([
    { path: "a.png", bytes: 7 },
    { path: "empty", bytes: 0 },
  ]);
});

describe("a run", () => {
  test("may be as bare as a run that has just begun", async () => {
    const { mlflow } = createWorld(() => ({
      body: { runs: [{ info: { run_id: "r", experiment_id: "1", status: "RUNNING" } }] },
    }));
    await expect(mlflow.runs({ experimentIds: ["1"] })).resolves.toEqual([
      {
        runId: "r",
        experimentId: "1",
        name: "",
        status: "RUNNING",
        artifactUri: "",
        metrics: {},
        params: {},
        tags: {},
        modelIds: [],
      },
    ]);
  });

  test("has metrics that JSON has no number for", async () => {
    const metrics = [{ key: "gap", value: "NaN" }, { key: "top", value: "Infinity" }, { key: "zero" }];
    const { mlflow } = createWorld(() => ({
      body: { runs: [{ info: { run_id: "r", experiment_id: "1", status: "FINISHED" }, data: { metrics } }] },
    }));
    const [run] = await mlflow.runs({ experimentIds: ["1"] });
    expect(run?.metrics).toEqual({ gap: Number.NaN, top: Number.POSITIVE_INFINITY, zero: 0 });
  });
});

describe("a refusal", () => {
  test("keeps MLflow's code and words", async () => {
    const body = { error_code: "INVALID_PARAMETER_VALUE", message: "Invalid clause" };
    const { mlflow } = createWorld(() => ({ status: 400, body }));
    await expect(mlflow.experiments()).rejects.toMatchObject({
      code: "MLFLOW_REFUSED",
      message: "MLflow refused experiments/search: INVALID_PARAMETER_VALUE Invalid clause (400).",
    });
  });

  test("of the address names the setting", async () => {
    const { mlflow } = createWorld(() => ({ status: 403, body: "Invalid Host header" }));
    await expect(mlflow.experiments()).rejects.toMatchObject({
      code: "MLFLOW_HOST_NOT_ALLOWED",
      message: "MLflow refused experiments/search: Invalid Host header (403).",
      hint: expect.stringContaining("MLFLOW_SERVER_ALLOWED_HOSTS"),
    });
  });

  test("is also no answer", async () => {
    const { mlflow } = createWorld(() => {
      throw connectionRefused();
    });
    await expect(mlflow.experiments()).rejects.toMatchObject({
      code: "MLFLOW_UNREACHABLE",
      hint: "Run `stack status` to see whether it is up.",
    });
  });

  test.each([
    [401, "You are not authenticated", "MLFLOW_LOGIN_REFUSED"],
    [403, { error_code: "PERMISSION_DENIED", message: "Invalid access token." }, "MLFLOW_LOGIN_REFUSED"],
    [403, "Invalid Host header", "MLFLOW_HOST_NOT_ALLOWED"],
    [404, "<h1>Not Found</h1>", "MLFLOW_URL_WRONG"],
    [404, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "No experiment" }, "MLFLOW_REFUSED"],
    [405, "<h1>Method Not Allowed</h1>", "MLFLOW_METHOD_REFUSED"],
    [301, "", "MLFLOW_URL_WRONG"],
    [200, "<html>a page</html>", "MLFLOW_URL_WRONG"],
    [500, "oops", "MLFLOW_REFUSED"],
  ])("%i %j is %s", async (status, body, code) => {
    const { mlflow } = createWorld(() => ({ status, body }));
    await expect(mlflow.experiments()).rejects.toMatchObject({ code });
  });

  test("is a login of the stack's own MLflow that `up` sets right again", async () => {
    const { mlflow } = createWorld(() => ({ status: 401, body: "You are not authenticated" }));
    await expect(mlflow.experiments()).rejects.toMatchObject({
      code: "MLFLOW_LOGIN_REFUSED",
      hint: expect.stringContaining("`stack down`, then `stack up`"),
    });
  });

  test.each([
    ["CERT_HAS_EXPIRED", "MLFLOW_CERTIFICATE_EXPIRED"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "MLFLOW_CERTIFICATE_UNTRUSTED"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "MLFLOW_CERTIFICATE_UNTRUSTED"],
    ["ENOTFOUND", "MLFLOW_UNREACHABLE"],
  ])("of the connection, %s, is %s", async (cause, code) => {
    const { mlflow } = createWorld(() => {
      throw Object.assign(new Error("no"), { code: cause });
    });
    await expect(mlflow.experiments()).rejects.toMatchObject({ code, hint: expect.stringMatching(/./u) });
  });

  test("is also an answer of another form", async () => {
    const { mlflow } = createWorld(() => ({ body: { experiments: [{ name: 1 }] } }));
    await expect(mlflow.experiments()).rejects.toMatchObject({ code: "MLFLOW_REFUSED" });
  });
});
