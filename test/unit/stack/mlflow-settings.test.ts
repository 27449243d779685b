import { describe, expect, test } from "vitest";
import { resolveSpec } from "../../../src/stack/resolve-spec.ts";

function mlflowOf(
  fileText: string,
  env: Readonly<Record<string, string>> = {},
  projectEnv = new Map<string, string>(),
) {
  const names = { defaultProject: "housing-1234", fileName: "stack.yaml" };
  const layers = { ...names, fileText, env, projectEnv, flags: {} };
  return resolveSpec(layers).spec.mlflow;
}
const file = (lines: string) => `mlflow: { ${lines} }\n`;

describe("the section mlflow", () => {
  test("means the stack's own MLflow when it isn't there", () => {
    expect(mlflowOf("")).toEqual({ mode: "local", auth: "basic" });
  });

  test("asks for logins unless told otherwise, where the stack's own image runs", () => {
    expect(mlflowOf(file("auth: none"))).toEqual({ mode: "local", auth: "none" });
    expect(mlflowOf("", { STACK_MLFLOW_AUTH: "none" })).toEqual({ mode: "local", auth: "none" });
    const other = { STACK_IMAGE_MLFLOW: "ghcr.io/mlflow/mlflow:v3.17.2-full" };
    expect(mlflowOf("", other)).toEqual({ mode: "local", auth: "none" });
    expect(mlflowOf("versions: classic")).toEqual({ mode: "local", auth: "none" });
    for (const [text, env] of [
      ["", other],
      ["versions: classic\n", {}],
    ] as const) {
      expect(() => mlflowOf(`${text}${file("auth: basic")}`, env)).toThrow(
        expect.objectContaining({
          code: "CONFIG_INVALID",
          message: expect.stringContaining(
            'mlflow.auth: found "basic"; allowed on the classic line and with an image of your own for mlflow: none.',
          ),
        }),
      );
    }
  });

  test("asks for no login when the project brings its own connection, unless told to", () => {
    const projectEnv = new Map([["AIRFLOW_CONN_MLFLOW_DEFAULT", "http://a:b@host.docker.internal:5000"]]);
    expect(mlflowOf("", {}, projectEnv)).toEqual({ mode: "local", auth: "none" });
    expect(mlflowOf(file("auth: basic"), {}, projectEnv)).toEqual({ mode: "local", auth: "basic" });
    const inSettings =
      "env: { airflow: { AIRFLOW_CONN_MLFLOW_DEFAULT: 'http://a:b@host.docker.internal:5000' } }";
    expect(mlflowOf(inSettings)).toEqual({ mode: "local", auth: "none" });
  });

  test("may name one elsewhere, whose URL loses the slash at its end", () => {
    expect(
      mlflowOf(file("mode: remote, url: 'https://mlflow.example/team/', login: alice, ca_file: ca.pem")),
    ).toEqual({
      mode: "remote",
      url: "https://mlflow.example/team",
      login: "alice",
      caFile: "ca.pem",
      experimentFolder: "",
    });
  });

  test("may name a Databricks workspace, whose login is always token", () => {
    expect(
      mlflowOf(file("mode: databricks, url: 'https://x.cloud.databricks.com', password_file: t")),
    ).toEqual({
      mode: "databricks",
      url: "https://x.cloud.databricks.com",
      login: "token",
      passwordFile: "t",
      experimentFolder: "/Shared",
    });
  });

  test("is overridden by variables, key by key", () => {
    const env = { STACK_MLFLOW_URL: "http://other.example:5000", STACK_MLFLOW_PASSWORD_FILE: "p" };
    expect(mlflowOf(file("mode: remote, url: 'http://mlflow.example', login: alice"), env)).toMatchObject({
      url: "http://other.example:5000",
      login: "alice",
      passwordFile: "p",
    });
    expect(
      mlflowOf(file("mode: remote, url: 'http://mlflow.example'"), { STACK_MLFLOW_MODE: "local" }),
    ).toEqual({ mode: "local", auth: "basic" });
  });
});

describe("a section mlflow that can't be used is refused", () => {
  test.each([
    ["mode: cloud", 'mlflow.mode: found "cloud"; allowed: local, remote, databricks.'],
    ["auth: ldap", 'mlflow.auth: found "ldap"; allowed: basic, none.'],
    ["mode: remote", "mlflow.url: found nothing; allowed with mlflow.mode remote: a URL"],
    ["url: mlflow.example", "allowed: a URL such as https://mlflow.example:5000"],
    [
      "url: 'https://alice:pw@mlflow.example'",
      "allowed: a URL such as https://mlflow.example:5000, without login",
    ],
    ["url: 'https://mlflow.example/?a=b'", "without login, query or fragment"],
    ["url: 'http://localhost:5000'", "write host.docker.internal for localhost"],
    ["url: 'http://127.0.0.1:5000'", "write host.docker.internal for localhost"],
    ["mode: databricks, url: 'http://x.cloud.databricks.com'", "a URL that starts with https://"],
    ["mode: databricks, url: 'https://x.cloud.databricks.com', login: alice", 'nothing, or "token"'],
    ["login: 'a:b'", "a user name without colon"],
    ["experiment_folder: Shared", "a folder of the workspace, as /Shared"],
    [
      "password: secret",
      "found an unknown key; allowed: mode, auth, url, login, password_file, ca_file, experiment_folder.",
    ],
  ])("%s", (lines, problem) => {
    expect(() => mlflowOf(file(lines))).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(problem) }),
    );
  });

  test("by the name of the variable, when it came from one", () => {
    expect(() => mlflowOf("", { STACK_MLFLOW_URL: "x" })).toThrow("environment variable STACK_MLFLOW_URL");
  });
});
