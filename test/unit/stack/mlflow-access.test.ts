import { expect, test } from "vitest";
import { mlflowAccess } from "../../../src/stack/mlflow-access.ts";
import type { MlflowSpec } from "../../../src/stack/mlflow-spec.ts";
import { defaultSpec } from "../../../src/stack/spec.ts";

const elsewhere = {
  mode: "remote",
  url: "https://mlflow.example",
  login: "ålice",
  passwordFile: undefined,
  caFile: undefined,
  experimentFolder: "",
} as const;
const accessTo = (mlflow: MlflowSpec) =>
  mlflowAccess(
    { ...defaultSpec("housing"), mlflow },
    { MLFLOW_PASSWORD: "0wn", MLFLOW_ELSEWHERE_PASSWORD: "pw" },
  );

test("the stack's own MLflow is called as the tasks' user, where it asks for a login", () => {
  expect(accessTo({ mode: "local", auth: "basic" })).toEqual({
    url: "http://localhost:5000",
    authorization: `Basic ${btoa("mlflow:0wn")}`,
    place: "here",
  });
  expect(accessTo({ mode: "local", auth: "none" })).toMatchObject({
    authorization: undefined,
    place: "here",
  });
});

test("one elsewhere is called with its own login, in UTF-8, or its token", () => {
  expect(accessTo(elsewhere)).toEqual({
    url: "https://mlflow.example",
    authorization: `Basic ${Buffer.from("ålice:pw").toString("base64")}`,
    place: "elsewhere",
  });
  expect(accessTo({ ...elsewhere, login: "token" }).authorization).toBe("Bearer pw");
  expect(accessTo({ ...elsewhere, login: undefined }).authorization).toBeUndefined();
});
