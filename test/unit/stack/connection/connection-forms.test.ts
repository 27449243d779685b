import { describe, expect, test } from "vitest";
import { connectionForms } from "../../../../src/stack/connection/connection-forms.ts";
import type { MlflowSpec } from "../../../../src/stack/mlflow-spec.ts";
import { defaultSpec } from "../../../../src/stack/spec.ts";

const elsewhere = {
  mode: "remote",
  url: "https://mlflow.example:8443",
  login: "alice",
  passwordFile: undefined,
  caFile: undefined,
  experimentFolder: "",
} as const;
const secrets = { MLFLOW_PASSWORD: "0wn", MLFLOW_ELSEWHERE_PASSWORD: `it's "a"` };

function formsOf(mlflow: MlflowSpec, isRevealed = true) {
  return connectionForms({ ...defaultSpec("housing"), mlflow }, secrets, isRevealed);
}

describe("the forms of the connection", () => {
  test("have scheme and port inside the host, and no port field", () => {
    expect(formsOf(elsewhere)).toEqual({
      mode: "remote",
      connectionId: "mlflow_default",
      fields: {
        connType: "http",
        host: "https://mlflow.example:8443",
        login: "alice",
        password: `it's "a"`,
      },
      environment: String.raw`AIRFLOW_CONN_MLFLOW_DEFAULT='{"conn_type":"http","host":"https://mlflow.example:8443","login":"alice","password":"it'\''s \"a\""}'`,
      json: String.raw`{"conn_type":"http","host":"https://mlflow.example:8443","login":"alice","password":"it's \"a\""}`,
      uri: "http://alice:it%27s%20%22a%22@https%3A%2F%2Fmlflow.example%3A8443",
      command: String.raw`airflow connections add mlflow_default --conn-type http --conn-host https://mlflow.example:8443 --conn-login alice --conn-password 'it'\''s "a"'`,
      client: {
        MLFLOW_TRACKING_URI: "https://mlflow.example:8443",
        MLFLOW_TRACKING_USERNAME: "alice",
        MLFLOW_TRACKING_PASSWORD: `it's "a"`,
      },
      isRevealed: true,
    });
  });

  test("hold no secret unless it is to be revealed", () => {
    const forms = formsOf(elsewhere, false);
    expect(forms.uri).toBe("http://alice:********@https%3A%2F%2Fmlflow.example%3A8443");
    expect(JSON.stringify(forms)).not.toContain("it's");
  });

  test("of the stack's own MLflow have the generated password, which the client needs where there are logins", () => {
    const fields = { host: "http://mlflow:5000", login: "mlflow", password: "0wn" };
    const without = formsOf({ mode: "local", auth: "none" });
    expect(without.fields).toMatchObject(fields);
    expect(without.client).toEqual({ MLFLOW_TRACKING_URI: "http://mlflow:5000" });
    const withLogins = formsOf({ mode: "local", auth: "basic" });
    expect(withLogins.fields).toMatchObject(fields);
    expect(withLogins.client).toEqual({
      MLFLOW_TRACKING_URI: "http://mlflow:5000",
      MLFLOW_TRACKING_USERNAME: "mlflow",
      MLFLOW_TRACKING_PASSWORD: "0wn",
    });
  });

  test("of one without a login have one all the same, since the pyfunc operator needs it", () => {
    const forms = formsOf({ ...elsewhere, login: undefined });
    expect(forms.fields).toMatchObject({ login: "mlflow", password: "0wn" });
    expect(forms.client).toEqual({ MLFLOW_TRACKING_URI: elsewhere.url });
  });

  test("with a token have it as the client wants it", () => {
    expect(formsOf({ ...elsewhere, login: "token" }).client).toEqual({
      MLFLOW_TRACKING_URI: elsewhere.url,
      MLFLOW_TRACKING_TOKEN: `it's "a"`,
    });
    expect(formsOf({ ...elsewhere, mode: "databricks", login: "token" }).client).toEqual({
      MLFLOW_TRACKING_URI: "databricks",
      DATABRICKS_HOST: elsewhere.url,
      DATABRICKS_TOKEN: `it's "a"`,
    });
  });
});
