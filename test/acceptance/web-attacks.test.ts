import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { appendFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { objectKeys } from "../support/bucket.ts";
import { send, type BrowserAnswer, type BrowserRequest } from "../support/browser-request.ts";
import { recordEachAttack } from "../support/fault-log.ts";
import { layoutsToTry } from "../support/layouts.ts";
import { mlflowAuthorization } from "../support/services.ts";
import { createTestProject, type TestProject } from "../support/test-project.ts";

const evil = "http://evil.example";
/** A program of the user's own that serves pages, such as a notebook; for a browser the same site as the stack's. */
const localhost = "http://localhost:8888";
/** What a page may send anywhere without asking first. */
const simpleTypes = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"];
const signedByNobody = { authorization: "AWS nobody:x", date: new Date().toUTCString() };
type Victim = "airflow" | "mlflow" | "s3" | "console";

/* What a web site can do that is open in the browser of somebody whose stack runs and who is logged in. */
describe.each(layoutsToTry)("a web site in the user's browser, Airflow's components %s", (layout) => {
  let project: TestProject;
  /** What the browser would send along by itself. */
  let logins: Readonly<Record<Victim, Readonly<Record<string, string>>>>;

  const to = async (victim: Victim, wanted: Omit<BrowserRequest, "port">): Promise<BrowserAnswer> =>
    await send({ ...wanted, port: project.ports[victim] });
  const json = async (
    victim: Victim,
    path: string,
    body: object,
    headers: BrowserRequest["headers"] = {},
  ): Promise<BrowserAnswer> =>
    await to(victim, {
      path,
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  /** All that the attacks below try to change, as its owner sees it. */
  const contents = async (): Promise<Readonly<Record<string, unknown>>> => {
    const read = async (victim: Victim, path: string, keys: readonly string[]): Promise<unknown> => {
      const answer = await to(victim, { path, headers: logins[victim] });
      expect(answer.status, answer.text).toBe(200);
      const [list, name] = keys;
      const found = (JSON.parse(answer.text) as Record<string, Record<string, string>[]>)[list ?? ""] ?? [];
      return found.map((one) => one[name ?? ""]).toSorted((a = "", b = "") => a.localeCompare(b));
    };
    const experiments = "/api/2.0/mlflow/experiments/search?max_results=100";
    return {
      variables: await read("airflow", "/api/v2/variables", ["variables", "key"]),
      experiments: await read("mlflow", experiments, ["experiments", "name"]),
      buckets: await read("console", "/api/v1/buckets", ["buckets", "name"]),
      objects: await objectKeys(project, ""),
    };
  };

  /** A change in each service that its own pages could make, as JSON. */
  const changes = (name: string): readonly { victim: Victim; path: string; body: object }[] => [
    { victim: "airflow", path: "/api/v2/variables", body: { key: name, value: "x" } },
    { victim: "mlflow", path: "/api/2.0/mlflow/experiments/create", body: { name } },
    { victim: "mlflow", path: "/ajax-api/2.0/mlflow/experiments/create", body: { name: `${name}-ajax` } },
    { victim: "console", path: "/api/v1/buckets", body: { name, locking: false, versioning: {} } },
  ];

  const start = async (): Promise<void> => {
    const { status, stderr } = await project.stackJson("up");
    expect(status, stderr).toBe(0);
  };
  const logInToAirflow = async (): Promise<string> => {
    const password = await project.secret("AIRFLOW_ADMIN_PASSWORD");
    const { text } = await json("airflow", "/auth/token", { username: "admin", password });
    return `_token=${(JSON.parse(text) as { access_token: string }).access_token}`;
  };
  /** Asks S3 for all buckets with MinIO's own user and this key. */
  const bucketsSeenWith = async (secretAccessKey: string): Promise<unknown> => {
    const client = new S3Client({
      endpoint: `http://127.0.0.1:${project.ports.s3}`,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: await project.secret("MINIO_ROOT_USER"), secretAccessKey },
    });
    return await client.send(new ListBucketsCommand({}));
  };
  /** The whole Set-Cookie header. */
  const logInToConsole = async (): Promise<string> => {
    const { headers } = await json("console", "/api/v1/login", {
      accessKey: await project.secret("MINIO_ROOT_USER"),
      secretKey: await project.secret("MINIO_ROOT_PASSWORD"),
    });
    return [headers["set-cookie"] ?? ""].flat().join();
  };

  beforeAll(async () => {
    project = await createTestProject("web-attacks");
    await appendFile(project.path("stack.yaml"), `airflow: { layout: ${layout} }\n`);
    await start();
    const [console = ""] = (await logInToConsole()).split(";");
    logins = {
      airflow: { cookie: await logInToAirflow() },
      mlflow: { authorization: await mlflowAuthorization(project) },
      s3: {},
      console: { cookie: console },
    };
  });
  afterAll(async () => {
    await project.dispose();
  });

  test("tells nothing to whoever comes without a login, or with a wrong one, under the right name", async () => {
    const wrongBasic = { authorization: `Basic ${btoa("admin:wrong")}` };
    const attempts = [
      ["airflow", "/api/v2/dags", [{}, wrongBasic, { authorization: "Bearer x" }, { cookie: "_token=x" }]],
      ["airflow", "/api/v2/variables", [{}, wrongBasic]],
      ["airflow", "/execution/variables/mine", [{}, { authorization: "Bearer x" }]],
      ["mlflow", "/api/2.0/mlflow/experiments/search?max_results=1", [{}, wrongBasic]],
      ["s3", "/", [{}, signedByNobody]],
      ["s3", "/mlflow", [{}, signedByNobody]],
      ["console", "/api/v1/buckets", [{}, wrongBasic, { cookie: "token=x" }]],
      ["console", "/api/v1/session", [{}, { cookie: "token=x" }]],
    ] as const;
    for (const [victim, path, headersOf] of attempts) {
      for (const headers of headersOf) {
        const answer = await to(victim, { path, headers });
        expect([401, 403], `${victim}${path} ${JSON.stringify(headers)}: ${answer.text}`).toContain(
          answer.status,
        );
        expect(answer.text).not.toMatch(/<Bucket>|<Contents>|"buckets":|"dags":|"variables":/u);
      }
    }
    const wrong = { username: "admin", password: "wrong" };
    expect((await json("airflow", "/auth/token", wrong)).status).toBe(401);
    const wrongKey = { accessKey: await project.secret("MINIO_ROOT_USER"), secretKey: "wrong-secret-key" };
    expect((await json("console", "/api/v1/login", wrongKey)).status).toBe(401);
    await expect(bucketsSeenWith("wrong-secret-key")).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
      $metadata: { httpStatusCode: 403 },
    });
  });

  recordEachAttack("refused, and nothing changed");

  test("shows Airflow in a frame of its own, but neither MLflow nor MinIO's console", async () => {
    const framing = async (victim: Victim): Promise<unknown> => {
      const { status, headers } = await to(victim, { path: "/", headers: logins[victim] });
      expect(status, victim).toBe(200);
      return headers["x-frame-options"] ?? headers["content-security-policy"];
    };
    expect(await framing("airflow")).toBeUndefined();
    expect(await framing("mlflow")).toBe("SAMEORIGIN");
    expect(await framing("console")).toBe("DENY");
  });

  test("gets MinIO's login sent along by no request that could change something", async () => {
    expect(await logInToConsole()).toMatch(/^token=.*HttpOnly; SameSite=Lax/u);
  });

  test("would change something with what is tried below, if the services took it", async () => {
    for (const { victim, path, body } of changes("mine")) {
      const answer = await json(victim, path, body, logins[victim]);
      expect(answer.status, `${path}: ${answer.text}`).toBeLessThan(300);
    }
    expect(await contents()).toMatchObject({
      variables: ["mine"],
      experiments: ["Default", "mine", "mine-ajax"],
      buckets: ["mine", "mlflow"],
    });
  });

  describe("whose name points to this machine by now", () => {
    // Logins don't come along: browsers keep them by name.
    const host = (victim: Victim): Readonly<Record<string, string>> => ({
      host: `evil.example:${project.ports[victim]}`,
    });

    test.each([
      ["airflow", ["/", "/api/v2/version", "/api/v2/dags", "/auth/login", "/ui/config", "/execution/health"]],
      ["mlflow", ["/", "/api/2.0/mlflow/experiments/search?max_results=1", "/graphql", "/get-artifact"]],
    ] as const)("%s refuses all of it", async (victim, paths) => {
      for (const path of paths)
        expect((await to(victim, { path, headers: host(victim) })).status, path).toBe(403);
    });

    test.each([
      ["s3", ["/", "/mlflow", "/mlflow/1/x", "/minio/admin/v3/info", "/minio/v2/metrics/cluster"]],
      [
        "console",
        ["/api/v1/session", "/api/v1/buckets", "/api/v1/users", "/api/v1/service-account-credentials"],
      ],
    ] as const)("%s tells nothing without a login that such a page can't have", async (victim, paths) => {
      for (const path of paths) {
        const answer = await to(victim, { path, headers: host(victim) });
        expect([403, 404, 405], `${path}: ${answer.text}`).toContain(answer.status);
        expect(answer.text).not.toMatch(/<Contents>|"buckets":|"users":/u);
      }
    });

    test("nothing is changed", async () => {
      const before = await contents();
      for (const { victim, path, body } of changes("rebound")) {
        const { status } = await json(victim, path, body, { ...host(victim), origin: evil });
        expect(status, path).toBe(403);
      }
      const object = { path: "/mlflow/rebound", headers: host("s3") };
      for (const method of ["PUT", "DELETE"])
        expect((await to("s3", { ...object, method, body: "x" })).status).toBe(403);
      expect(await contents()).toEqual(before);
    });
  });

  describe.each([evil, "null", "https://localhost.evil.example", localhost])("of the origin %s", (origin) => {
    // MLflow trusts all pages from localhost.
    const refuses = (victim: Victim): boolean => origin !== localhost || victim !== "mlflow";
    const calls = [
      ["airflow", "/api/v2/variables", "POST"],
      ["airflow", "/auth/token", "POST"],
      ["mlflow", "/api/2.0/mlflow/experiments/create", "POST"],
      ["mlflow", "/ajax-api/2.0/mlflow/experiments/create", "POST"],
      ["mlflow", "/graphql", "POST"],
      ["mlflow", "/v1/traces", "POST"],
      ["mlflow", "/api/2.0/mlflow-artifacts/artifacts/x", "PUT"],
      ["s3", "/mlflow/x", "PUT"],
      ["s3", "/mlflow", "GET"],
      ["console", "/api/v1/buckets", "POST"],
      ["console", "/api/v1/login", "POST"],
    ] as const;
    test.each(calls.filter(([victim]) => refuses(victim)))(
      "is not let in by %s at %s",
      async (victim, path, method) => {
        const asked = {
          origin,
          "access-control-request-method": method,
          "access-control-request-headers": "content-type,x-amz-content-sha256",
        };
        const preflight = await to(victim, { path, method: "OPTIONS", headers: asked });
        expect(preflight.headers["access-control-allow-origin"]).toBeUndefined();
        const read = await to(victim, { path, headers: { origin, ...logins[victim] } });
        expect(read.headers["access-control-allow-origin"]).toBeUndefined();
      },
    );

    test("changes nothing by a form or a beacon, though the browser sends the login along", async () => {
      const before = await contents();
      for (const type of simpleTypes) {
        for (const { victim, path, body } of changes("forged").filter((one) => refuses(one.victim))) {
          const headers = { "content-type": type, origin, ...logins[victim] };
          const answer = await json(victim, path, body, headers);
          expect(answer.status, `${path} with ${type}: ${answer.text}`).toBeGreaterThanOrEqual(400);
        }
        const key = `--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nforged\r\n--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n`;
        const form = {
          path: "/mlflow",
          method: "POST",
          headers: { "content-type": type, origin },
          body: key,
        };
        expect((await to("s3", form)).status).toBeGreaterThanOrEqual(400);
      }
      expect(await contents()).toEqual(before);
    });
  });

  test("that names itself by a Referer alone changes nothing either", async () => {
    const before = await contents();
    for (const type of simpleTypes) {
      for (const { victim, path, body } of changes("referred")) {
        const headers = { "content-type": type, referer: `${evil}/page`, ...logins[victim] };
        expect((await json(victim, path, body, headers)).status).toBeGreaterThanOrEqual(400);
      }
    }
    expect(await contents()).toEqual(before);
  });
});
