import { elsewhereOf, tokenLogin, type MlflowElsewhere } from "../mlflow-spec.ts";
import { secretRef, secretRefInJson } from "../secrets.ts";
import type { StackSpec } from "../spec.ts";
import { mlflowUrl } from "./mlflow.ts";
import { literal } from "./service.ts";

/** How tasks reach MLflow: the Airflow connection, and what the mlflow package reads. */
export function mlflowClientEnv(spec: StackSpec): Readonly<Record<string, string>> {
  const elsewhere = elsewhereOf(spec);
  return {
    // The port inside `host` and no `port` field, login and password always set: the one form that every
    // hook and operator of airflow-provider-mlflow 1.1.0 can read.
    AIRFLOW_CONN_MLFLOW_DEFAULT: connectionText(elsewhere),
    ...(elsewhere === undefined ? { MLFLOW_TRACKING_URI: mlflowUrl } : clientEnv(elsewhere)),
    // Where experiments keep their files: an MLflow elsewhere has a place of its own for them.
    ARTIFACT_ROOT: elsewhere === undefined ? `s3://${spec.bucket}` : "",
    MLFLOW_EXPERIMENT_FOLDER: literal(elsewhere?.experimentFolder ?? ""),
    MLFLOW_DISABLE_TELEMETRY: "true",
  };
}

function connectionText(elsewhere: MlflowElsewhere | undefined): string {
  const login = elsewhere?.login;
  const [url, user, password] =
    elsewhere === undefined || login === undefined
      ? [elsewhere?.url ?? mlflowUrl, "mlflow", secretRef("MLFLOW_PASSWORD")]
      : [elsewhere.url, login, secretRefInJson("MLFLOW_ELSEWHERE_PASSWORD")];
  const fields = { conn_type: "http", host: url, login: user };
  return `${literal(JSON.stringify(fields)).slice(0, -1)},"password":"${password}"}`;
}

function clientEnv({ mode, url, login }: MlflowElsewhere): Readonly<Record<string, string>> {
  const password = secretRef("MLFLOW_ELSEWHERE_PASSWORD");
  if (mode === "databricks") {
    return {
      MLFLOW_TRACKING_URI: "databricks",
      DATABRICKS_HOST: literal(url),
      DATABRICKS_TOKEN: password,
    };
  }
  const account =
    login === undefined
      ? {}
      : login === tokenLogin
        ? { MLFLOW_TRACKING_TOKEN: password }
        : { MLFLOW_TRACKING_USERNAME: literal(login), MLFLOW_TRACKING_PASSWORD: password };
  return { MLFLOW_TRACKING_URI: literal(url), ...account };
}
