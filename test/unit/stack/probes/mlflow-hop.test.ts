import { describe, expect, test } from "vitest";
import type { MlflowElsewhere } from "../../../../src/stack/mlflow-spec.ts";
import { mlflowHop } from "../../../../src/stack/probes/mlflow-hop.ts";
import type { Hop } from "../../../../src/stack/probes/hops.ts";

const connection = (login: string, host = "http://mlflow:5000"): Record<string, string> => ({
  AIRFLOW_CONN_MLFLOW_DEFAULT: JSON.stringify({ host, login, password: "pw" }),
});
const elsewhere: MlflowElsewhere = {
  mode: "remote",
  url: "https://mlflow.example:8443",
  login: "alice",
  passwordFile: undefined,
  caFile: undefined,
  experimentFolder: "",
};

function judge({ judge: verdict }: Hop, status: number, body = "") {
  return verdict({ exitCode: 0, output: `${body}\n${status}` });
}

describe("to the stack's own MLflow", () => {
  const hop = mlflowHop(connection("mlflow"));

  test("goes by the connection that tasks use", () => {
    expect(hop.to).toBe("mlflow");
    expect(hop.call.command.at(-1)).toBe("http://mlflow:5000/api/2.0/mlflow/experiments/search");
    expect(hop.call.env["PROBE_CONFIG"]).toContain('user = "mlflow:pw"');
  });

  test.each([
    [200, "{}", "ok", undefined],
    [200, "<html>", "failed", "wrong-url"],
    [403, "Invalid Host header - possible DNS rebinding attack detected", "failed", "host-not-allowed"],
    [403, "Permission denied", "failed", "bad-credentials"],
    [401, "You are not authenticated", "failed", "bad-credentials"],
    [500, "oops", "failed", "unexpected-answer"],
  ])("%i %j is %s: %s", (status, body, outcome, cause) => {
    expect(judge(hop, status, body)).toMatchObject({ outcome, cause });
  });

  test("says what to add to the allowed hosts", () => {
    expect(judge(hop, 403, "Invalid Host header")).toMatchObject({
      fix: expect.stringContaining("Put mlflow:5000 into MLFLOW_SERVER_ALLOWED_HOSTS"),
    });
  });
});

describe("to an MLflow elsewhere", () => {
  const env = { ...connection("alice", elsewhere.url), REQUESTS_CA_BUNDLE: "/etc/stack/ca.pem" };
  const hop = mlflowHop(env, elsewhere);

  test("bears its name, and trusts what tasks trust", () => {
    expect(hop.to).toBe("mlflow at mlflow.example:8443");
    expect(hop.call.env["PROBE_CONFIG"]).toContain('cacert = "/etc/stack/ca.pem"');
  });

  test("sends a token as a bearer token", () => {
    const config = mlflowHop(connection("token"), elsewhere).call.env["PROBE_CONFIG"];
    expect(config).toContain('header = "Authorization: Bearer pw"');
    expect(config).not.toContain("user =");
  });

  test.each([
    [403, "Invalid Host header", "host-not-allowed", "Have whoever runs that MLflow add mlflow.example:8443"],
    [401, "You are not authenticated", "bad-credentials", "mlflow.login in stack.yaml"],
    [405, "<h1>Method Not Allowed</h1>", "method-refused", "mlflow.url in stack.yaml"],
    [404, "<h1>Not Found</h1>", "wrong-url", "mlflow.url in stack.yaml"],
    [308, "", "wrong-url", "mlflow.url in stack.yaml"],
    [404, '{"error_code": "NOT_FOUND"}', "unexpected-answer", "https://mlflow.example:8443"],
    [500, "oops", "unexpected-answer", "https://mlflow.example:8443"],
  ])("%i %j is %s, with a fix for its user", (status, body, cause, fix) => {
    expect(judge(hop, status, body)).toMatchObject({
      outcome: "failed",
      cause,
      fix: expect.stringContaining(fix),
    });
  });

  test.each([
    ["curl: (60) SSL certificate problem: certificate has expired", "certificate-expired"],
    ["curl: (60) SSL certificate problem: unable to get local issuer certificate", "certificate-untrusted"],
  ])("%j is %s", (error, cause) => {
    expect(hop.judge({ exitCode: 60, output: `${error}\n000` })).toMatchObject({ cause });
  });
});
