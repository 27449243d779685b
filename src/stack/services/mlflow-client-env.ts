import {
  elsewhereOf,
  loginOf,
  mlflowConnection,
  ownUsers,
  tokenLogin,
  type MlflowLogin,
  type MlflowMode,
} from "../mlflow-spec.ts";
import { secretRef, secretRefInJson } from "../secrets.ts";
import type { StackSpec } from "../spec.ts";
import { mlflowUrl } from "./mlflow.ts";
import { literal } from "./service.ts";

/** How tasks reach MLflow: the Airflow connection, and what the mlflow package reads. */
export function mlflowClientEnv(spec: StackSpec): Readonly<Record<string, string>> {
  const elsewhere = elsewhereOf(spec);
  const login = loginOf(spec);
  const url = elsewhere?.url ?? mlflowUrl;
  return {
    // The port inside `host` and no `port` field, login and password always set: the one form that every
    // hook and operator of airflow-provider-mlflow 1.1.0 can read.
    [mlflowConnection]: connectionText(url, login),
    ...clientEnv(spec.mlflow.mode, url, login),
    // Where experiments keep their files: an MLflow elsewhere has a place of its own for them.
    ARTIFACT_ROOT: elsewhere === undefined ? `s3://${spec.bucket}` : "",
    MLFLOW_EXPERIMENT_FOLDER: literal(elsewhere?.experimentFolder ?? ""),
    MLFLOW_DISABLE_TELEMETRY: "true",
  };
}

function connectionText(url: string, login: MlflowLogin | undefined): string {
  const password =
    login?.secret === "MLFLOW_ELSEWHERE_PASSWORD"
      ? secretRefInJson(login.secret)
      : secretRef("MLFLOW_PASSWORD");
  const fields = { conn_type: "http", host: url, login: login?.user ?? ownUsers.tasks };
  return `${literal(JSON.stringify(fields)).slice(0, -1)},"password":"${password}"}`;
}

function clientEnv(
  mode: MlflowMode,
  url: string,
  login: MlflowLogin | undefined,
): Readonly<Record<string, string>> {
  const address = { MLFLOW_TRACKING_URI: literal(url) };
  if (login === undefined) return address;
  const password = secretRef(login.secret);
  if (mode === "databricks") {
    return {
      MLFLOW_TRACKING_URI: "databricks",
      DATABRICKS_HOST: literal(url),
      DATABRICKS_TOKEN: password,
    };
  }
  return login.user === tokenLogin
    ? { ...address, MLFLOW_TRACKING_TOKEN: password }
    : { ...address, MLFLOW_TRACKING_USERNAME: literal(login.user), MLFLOW_TRACKING_PASSWORD: password };
}
