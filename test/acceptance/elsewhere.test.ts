import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConnectionForms } from "../../src/stack/connection/connection-forms.ts";
import type { ConnectionTest } from "../../src/stack/connection/connection-test.ts";
import type { ProveResult } from "../../src/stack/prove/prove.ts";
import type { SeedResult } from "../../src/stack/seed/seed-types.ts";
import type { StatusReport } from "../../src/stack/status-report.ts";
import type { UpResult } from "../../src/stack/up.ts";
import { createAuthority, type Authority } from "../support/certificates.ts";
import { startWorkspace, type DatabricksWorkspace } from "../support/databricks-workspace.ts";
import { layoutFacts, usualLayout } from "../support/layouts.ts";
import { docker, dockerLines, run } from "../support/run.ts";
import { startSecondMlflow, type SecondMlflow } from "../support/second-mlflow.ts";
import {
  cli,
  createTestProject,
  freePorts,
  settingsText,
  type Failure,
  type TestProject,
} from "../support/test-project.ts";

/*
 * A stack whose MLflow runs elsewhere, behind a login and a certificate of its own. The tests build on each other.
 */
describe("an MLflow elsewhere", () => {
  let project: TestProject;
  let second: SecondMlflow;
  let authority: Authority;
  const env: Record<string, string> = {};

  /** `stack ... --json` with the variables of this test. */
  const stack = async <T = Failure>(...args: string[]) => {
    const argv = [cli, ...args, "--json", "--project-dir", project.dir];
    const { status, stdout, stderr } = await run(process.execPath, argv, { env: { ...process.env, ...env } });
    return { status, json: JSON.parse(stdout) as T, text: stdout + stderr };
  };
  const configure = async (mlflow: object): Promise<void> => {
    const text = settingsText(project.name, project.ports, `mlflow: ${JSON.stringify(mlflow)}\n`);
    await writeFile(project.path("stack.yaml"), text);
  };
  const remote = (change: object = {}): object => ({
    mode: "remote",
    url: second.url,
    login: second.login,
    ca_file: authority.file,
    ...change,
  });
  const services = async (): Promise<readonly string[]> =>
    await dockerLines(
      "ps",
      "--filter",
      `label=com.docker.compose.project=${project.name}`,
      "--format",
      '{{.Label "com.docker.compose.service"}}',
    );
  const inAirflow = async (...command: string[]): Promise<string> =>
    await docker("exec", await project.containerOf(layoutFacts[usualLayout].scheduler), ...command);

  beforeAll(async () => {
    project = await createTestProject("elsewhere");
    const { status, stderr } = await project.stack("up");
    if (status !== 0) throw new Error(`up ended with ${status}: ${stderr}`);
    const container = await project.containerOf("mlflow");
    const image = await docker("inspect", "--format", "{{.Config.Image}}", container);
    authority = await createAuthority(project.dir);
    second = await startSecondMlflow(image, authority);
  });
  afterAll(async () => {
    await second.dispose();
    await project.dispose();
  });

  test("without its password ends up before anything is touched, and says how to give it", async () => {
    await configure(remote());
    const before = await readFile(project.path(".stack", "compose.yaml"), "utf8");
    const { status, json } = await stack("up");
    expect(json.error).toMatchObject({
      code: "MLFLOW_PASSWORD_MISSING",
      hint: expect.stringContaining("STACK_MLFLOW_PASSWORD") as string,
    });
    expect(status).toBe(2);
    expect(await readFile(project.path(".stack", "compose.yaml"), "utf8")).toBe(before);
  });

  test("is tested before it is used, and the Test button's 405 is explained", async () => {
    env["STACK_MLFLOW_PASSWORD"] = second.password;
    const { status, json } = await stack<ConnectionTest>("connection", "test");
    expect(json).toMatchObject({
      mode: "remote",
      url: second.url,
      login: second.login,
      checks: [{ from: "host", outcome: "ok" }],
      isApplied: false,
      testButton: { status: 405, meaning: expect.stringContaining("POST to /") as string },
    });
    expect(status).toBe(0);
  });

  describe("is refused with a code and a hint of its own", () => {
    const expectRefusal = async (code: string, hint: string): Promise<void> => {
      for (const args of [["connection", "test"], ["up"]]) {
        const { status, json, text } = await stack(...args);
        expect(json.error).toMatchObject({ code, hint: expect.stringContaining(hint) as string });
        expect(status).toBe(1);
        expect(text).not.toContain(second.password);
      }
      expect(await services()).toContain("mlflow");
    };

    test("when nothing listens at its port", async () => {
      const [unused = 0] = await freePorts(1);
      await configure(remote({ url: `https://host.docker.internal:${unused}` }));
      await expectRefusal("MLFLOW_UNREACHABLE", "host and port in mlflow.url");
    });

    test("when its name is of no host", async () => {
      await configure(remote({ url: "https://mlflow.invalid" }));
      await expectRefusal("MLFLOW_UNREACHABLE", "host and port in mlflow.url");
    });

    test("when the path is not MLflow's", async () => {
      await configure(remote({ url: `${second.url}/team` }));
      await expectRefusal("MLFLOW_URL_WRONG", "mlflow.url");
    });

    test("when what answers there takes no POST", async () => {
      await configure(remote({ url: `${second.url}/static-files` }));
      await expectRefusal("MLFLOW_METHOD_REFUSED", "takes no POST");
    });

    test("when the password is wrong", async () => {
      await configure(remote());
      env["STACK_MLFLOW_PASSWORD"] = "wrong-password";
      await expectRefusal("MLFLOW_LOGIN_REFUSED", "STACK_MLFLOW_PASSWORD");
      env["STACK_MLFLOW_PASSWORD"] = second.password;
    });

    test("when its host name is not on its list", async () => {
      await configure(remote({ url: second.urlByAddress }));
      await expectRefusal("MLFLOW_HOST_NOT_ALLOWED", "MLFLOW_SERVER_ALLOWED_HOSTS");
    });

    test("when nobody trusted has signed its certificate", async () => {
      await configure(remote({ ca_file: undefined }));
      await expectRefusal("MLFLOW_CERTIFICATE_UNTRUSTED", "mlflow.ca_file");
    });

    test("when its certificate has expired", async () => {
      const { certificate, key } = await authority.sign("expired", ["DNS:host.docker.internal"], -1);
      const expired = createServer({ cert: await readFile(certificate), key: await readFile(key) });
      const port = await listen(expired);
      await configure(remote({ url: `https://host.docker.internal:${port}` }));
      await expectRefusal("MLFLOW_CERTIFICATE_EXPIRED", "renew it");
      expired.close();
    });
  });

  test("takes the place of the stack's own, with the password from a file", async () => {
    await configure(remote({ password_file: "password.txt" }));
    delete env["STACK_MLFLOW_PASSWORD"];
    await writeFile(project.path("password.txt"), `${second.password}\n`, { mode: 0o600 });

    const { status, json } = await stack<UpResult & Partial<Failure>>("up");

    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
    expect(await services()).not.toContain("mlflow");
    const hops = json.probes.map(({ from, to, outcome }) => `${from} -> ${to} ${outcome}`);
    expect(hops).toContain(`airflow -> mlflow at host.docker.internal:${second.port} ok`);
    expect(hops).toContain(`host -> mlflow at host.docker.internal:${second.port} ok`);
    expect(hops.filter((hop) => !hop.endsWith(" ok") || hop.startsWith("mlflow"))).toEqual([]);
    expect(json.endpoints.mlflow).toBe(`https://localhost:${second.port}`);
    expect(await readFile(project.path(".stack", "compose.yaml"), "utf8")).not.toContain("$ecret");
  });

  test("is remembered by a second up, which changes nothing", async () => {
    await configure(remote());
    const { status, json } = await stack<UpResult>("up");
    expect(json).toMatchObject({ changed: false });
    expect(status).toBe(0);
  });

  test("is tested from where tasks run, too", async () => {
    const { status, json } = await stack<ConnectionTest>("connection", "test");
    expect(json).toMatchObject({
      checks: [
        { from: "host", outcome: "ok" },
        { from: "airflow", outcome: "ok" },
      ],
      isApplied: true,
    });
    expect(status).toBe(0);
  });

  test("is shown in every form, masked unless it is to be revealed", async () => {
    const masked = await stack<ConnectionForms>("connection", "show");
    expect(masked.text).not.toContain("ecret");
    expect(masked.json.fields.password).toBe("********");
    const asText = await project.stack("connection", "show");
    expect(asText.stdout).not.toContain("ecret");
    const { json } = await stack<ConnectionForms>("connection", "show", "--reveal");
    expect(json.fields).toMatchObject({ host: second.url, login: second.login, password: second.password });
  });

  test("is read by Airflow from each form as the same connection", async () => {
    const { json } = await stack<ConnectionForms>("connection", "show", "--reveal");
    const fieldsOf = "[c.conn_type, c.host, c.login, c.password, c.port]";
    const wanted = ["http", second.url, second.login, second.password, null];
    const script = `import json, os, sys
from airflow.sdk.definitions.connection import Connection
forms = json.loads(sys.argv[1])
read = lambda c: ${fieldsOf}
os.environ["AIRFLOW_CONN_OF_TASKS"] = os.environ["AIRFLOW_CONN_MLFLOW_DEFAULT"]
found = [Connection.from_json(forms["json"], conn_id="a"), Connection.from_uri(forms["uri"], conn_id="b"),
  Connection.from_json(os.environ["AIRFLOW_CONN_OF_TASKS"], conn_id="c")]
print(json.dumps([read(c) for c in found]))`;
    const printed = await inAirflow("python", "-W", "ignore", "-c", script, JSON.stringify(json));
    expect(JSON.parse(printed.split("\n").at(-1) ?? "")).toEqual([wanted, wanted, wanted]);

    const variable = await inAirflow(
      "sh",
      "-c",
      `${json.environment}; printf %s "$AIRFLOW_CONN_MLFLOW_DEFAULT"`,
    );
    expect(variable).toBe(json.json);
    await inAirflow("bash", "-c", json.command);
    await inAirflow("airflow", "connections", "export", "/tmp/shown.json", "--file-format", "json");
    const exported = JSON.parse(await inAirflow("cat", "/tmp/shown.json")) as Record<string, object>;
    expect(exported["mlflow_default"]).toMatchObject({
      conn_type: "http",
      host: second.url,
      login: second.login,
      password: second.password,
      port: null,
    });
    await inAirflow("airflow", "connections", "delete", "mlflow_default");
  });

  test("has the tutorial's results, verified there", async () => {
    const { status, json } = await stack<SeedResult & Partial<Failure>>("seed");
    expect(json.error).toBeUndefined();
    expect(json.dags[0]?.checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "experiment passed",
      "run passed",
      "means passed",
      "registered model passed",
      "model files passed",
    ]);
    expect(status).toBe(0);
    const { experiments } = await second.ask<{ experiments: { name: string; artifact_location: string }[] }>(
      "experiments/search",
      { max_results: 10 },
    );
    const housing = experiments.find(({ name }) => name === "Housing");
    expect(housing?.artifact_location).toMatch(/^mlflow-artifacts:/u);
  });

  test("is proven by a pipeline that leaves no experiment there", async () => {
    const { status, json } = await stack<ProveResult>("prove");
    expect(json).toMatchObject({ bytes: 4096, checksum: expect.stringMatching(/^[0-9a-f]{64}$/u) as string });
    expect(status).toBe(0);
    const { experiments } = await second.ask<{ experiments: { name: string }[] }>("experiments/search", {
      max_results: 10,
    });
    expect(experiments.map(({ name }) => name).toSorted()).toEqual(["Default", "Housing"]);
  });

  test("is counted by status", async () => {
    const { status, json } = await stack<StatusReport>("status");
    expect(json).toMatchObject({
      state: "up",
      mlflow: { experiments: 2, runs: 1, registeredModels: 1 },
      problems: [],
    });
    expect(status).toBe(0);
  });

  test("keeps its password, and all it holds, when the stack's own secrets are replaced", async () => {
    const secretLines = async (): Promise<readonly string[]> =>
      (await readFile(project.path(".stack", ".env"), "utf8"))
        .split("\n")
        .filter((line) => /^\w+=/u.test(line));
    const isGivenLine = (line: string): boolean => line.startsWith("STACK_SECRET_MLFLOW_ELSEWHERE_PASSWORD");
    const before = await secretLines();
    const { status, json } = await stack<UpResult & Partial<Failure>>("secrets", "rotate");
    expect(json.error).toBeUndefined();
    expect(status).toBe(0);
    expect(json.proof?.bytes).toBe(4096);
    const after = await secretLines();
    expect(after.filter((line) => before.includes(line))).toEqual(before.filter(isGivenLine));
    expect((await stack<StatusReport>("status")).json).toMatchObject({
      state: "up",
      mlflow: { experiments: 2, runs: 1, registeredModels: 1 },
      problems: [],
    });
  });

  describe("that is a Databricks workspace", () => {
    let workspace: DatabricksWorkspace;

    const asked = (userAgent: RegExp) =>
      workspace.requests
        .filter((one) => userAgent.test(one.userAgent))
        .map(({ method, path }) => `${method} ${path}`);

    beforeAll(async () => {
      workspace = await startWorkspace(second, authority);
      env["HTTPS_PROXY"] = `http://127.0.0.1:${workspace.proxyPort}`;
      const mlflow = { mode: "databricks", url: workspace.url, ca_file: "authority.pem" };
      const inContainer = { HTTPS_PROXY: `http://host.docker.internal:${workspace.proxyPort}` };
      const more = [
        `mlflow: ${JSON.stringify(mlflow)}`,
        `env: { airflow: ${JSON.stringify(inContainer)} }`,
        "",
      ];
      await writeFile(project.path("stack.yaml"), settingsText(project.name, project.ports, more.join("\n")));
    });
    afterAll(() => {
      workspace.dispose();
      delete env["HTTPS_PROXY"];
      delete env["STACK_MLFLOW_PASSWORD"];
    });

    test("doesn't get the password of another place, and refuses a wrong token", async () => {
      expect((await stack("up")).json.error.code).toBe("MLFLOW_PASSWORD_MISSING");
      expect(workspace.requests).toEqual([]);
      env["STACK_MLFLOW_PASSWORD"] = "dapi-of-somebody-else";
      const { status, json } = await stack("connection", "test");
      expect(json.error).toMatchObject({
        code: "MLFLOW_LOGIN_REFUSED",
        message: expect.stringContaining("Invalid access token") as string,
      });
      expect(status).toBe(1);
      workspace.clear();
    });

    test("gets bearer token, host and paths as Databricks wants them from every hop", async () => {
      env["STACK_MLFLOW_PASSWORD"] = workspace.token;
      const { status, json } = await stack<UpResult & Partial<Failure>>("up");
      expect(json.error).toBeUndefined();
      const hops = json.probes.map(({ from, to, outcome }) => `${from} -> ${to} ${outcome}`);
      expect(hops).toContain(`airflow -> mlflow at ${workspace.host} ok`);
      expect(asked(/^curl/u)).toEqual(["POST /api/2.0/mlflow/experiments/search"]);
      expect(status).toBe(0);
    });

    test("gets the tutorial from the real client and the real provider, artifacts and all", async () => {
      const { status, json } = await stack<SeedResult & Partial<Failure>>("seed");
      expect({ error: json.error, problems: workspace.problems }).toEqual({ error: undefined, problems: [] });
      expect(status).toBe(0);
      expect(json.dags[0]?.checks.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
      expect(json.dags[0]?.checks[0]?.found).toMatch(
        /^experiment \/Shared\/Housing with its artifacts in dbfs:\/databricks\/mlflow-tracking\//u,
      );

      // The provider sends with requests, the client with the SDK of Databricks.
      expect(asked(/^python-requests/u)).toEqual([
        "GET /api/2.0/mlflow/experiments/get-by-name",
        "POST /api/2.0/mlflow/experiments/create",
        "GET /api/2.0/mlflow/experiments/get-by-name",
        "POST /api/2.0/mlflow/registered-models/create",
      ]);
      expect(asked(/databricks-sdk-py/u)).toEqual(
        expect.arrayContaining([
          "POST /api/2.0/mlflow/runs/create",
          "POST /api/2.0/mlflow/runs/log-batch",
          "POST /api/2.0/mlflow/logged-models",
          "POST /api/2.0/mlflow/runs/update",
        ]),
      );
      const stored = [...workspace.files.keys()];
      expect(stored).toContainEqual(
        expect.stringMatching(
          /^\/WorkspaceInternal\/Mlflow\/Artifacts\/\d+\/Runs\/\w{32}\/artifacts\/features\.csv$/u,
        ),
      );
      expect(stored).toContainEqual(
        expect.stringMatching(
          /^\/WorkspaceInternal\/Mlflow\/Artifacts\/\d+\/LoggedModels\/m-\w+\/artifacts\/MLmodel$/u,
        ),
      );
    });

    test("is proven by a pipeline", async () => {
      const { status, json } = await stack<ProveResult & Partial<Failure>>("prove");
      expect(json.error).toBeUndefined();
      expect(json.bytes).toBe(4096);
      expect(status).toBe(0);
    });

    test("never got anything else", () => {
      const others = workspace.requests.filter(
        ({ host, authorization }) => host !== workspace.host || authorization !== `Bearer ${workspace.token}`,
      );
      expect(others).toEqual([]);
      expect(workspace.problems).toEqual([]);
    });

    test("is shown with the variables of Databricks", async () => {
      const { json } = await stack<ConnectionForms>("connection", "show", "--reveal");
      expect(json.fields).toMatchObject({ login: "token", password: workspace.token });
      expect(json.client).toEqual({
        MLFLOW_TRACKING_URI: "databricks",
        DATABRICKS_HOST: workspace.url,
        DATABRICKS_TOKEN: workspace.token,
      });
    });
  });

  test("gives its place back, and its password is forgotten", async () => {
    await configure({ mode: "local" });
    const { status, json } = await stack<UpResult>("up");
    expect(json.probes.map(({ from, to }) => `${from} -> ${to}`)).toContain("airflow -> mlflow");
    expect(status).toBe(0);
    expect(await services()).toContain("mlflow");
    expect(await readFile(project.path(".stack", ".env"), "utf8")).toMatch(
      /^STACK_SECRET_MLFLOW_ELSEWHERE_PASSWORD=$/mu,
    );
  });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
