import { expect, test } from "vitest";
import { createPaint } from "../../../../src/output/colors.ts";
import { renderConnectionForms, renderConnectionTest } from "../../../../src/output/text/connection.ts";
import type { ConnectionTest } from "../../../../src/stack/connection/connection-test.ts";

const paint = createPaint(false);
const check = { outcome: "ok", code: undefined, detail: "", fix: "", durationMs: 12 } as const;
const base: ConnectionTest = {
  mode: "remote",
  url: "https://mlflow.example",
  login: "alice",
  call: "POST /api/2.0/mlflow/experiments/search",
  checks: [{ ...check, from: "host" }],
  isApplied: true,
  testButton: { status: 405, meaning: "It says nothing." },
};

test("the test shows each call, and what Airflow's Test button would", () => {
  expect(renderConnectionTest(base, paint)).toBe(`MLflow (remote) at https://mlflow.example as alice
POST /api/2.0/mlflow/experiments/search
  from host  ok  12 ms

POST / 405
It says nothing.`);
});

test("the test shows the code of a failure, and settings that aren't applied", () => {
  const failed = {
    ...check,
    from: "airflow",
    outcome: "failed",
    code: "MLFLOW_URL_WRONG",
    detail: "404",
  } as const;
  const text = renderConnectionTest(
    { ...base, checks: [failed], isApplied: false, testButton: undefined },
    paint,
  );
  expect(text).toContain("from airflow  MLFLOW_URL_WRONG  404");
  expect(text).toContain("`stack up` applies these");
});

test("the forms stand below their titles, and say when they are masked", () => {
  const forms = {
    mode: "local",
    connectionId: "mlflow_default",
    fields: { connType: "http", host: "h", login: "l", password: "p" },
    environment: "A=1",
    json: "{}",
    uri: "http://x",
    command: "airflow connections add",
    client: { MLFLOW_TRACKING_URI: "h" },
  } as const;
  const masked = renderConnectionForms({ ...forms, isRevealed: false }, paint);
  expect(masked).toBe(`Variable for Airflow
A=1

JSON
{}

URI
http://x

Command
airflow connections add

Variables for the mlflow package
MLFLOW_TRACKING_URI=h

The password is masked; --reveal prints it.`);
  expect(renderConnectionForms({ ...forms, isRevealed: true }, paint)).not.toContain("masked");
});
