import { elsewhereOf, loginOf, ownUsers, tokenLogin, type MlflowMode } from "../mlflow-spec.ts";
import { mlflowUrl } from "../services/mlflow.ts";
import type { Secrets } from "../secrets.ts";
import type { StackSpec } from "../spec.ts";

/** The Airflow connection `mlflow_default`, in every form that Airflow and MLflow's client take. */
export interface ConnectionForms {
  readonly mode: MlflowMode;
  readonly connectionId: string;
  readonly fields: ConnectionFields;
  /** A line for a shell or an env file. */
  readonly environment: string;
  readonly json: string;
  readonly uri: string;
  /** An argument list as one line for a shell. */
  readonly command: string;
  /** What the mlflow package reads, by variable. */
  readonly client: Readonly<Record<string, string>>;
  readonly isRevealed: boolean;
}

interface ConnectionFields {
  readonly connType: "http";
  /** With scheme and port in it: the hooks of airflow-provider-mlflow 1.1.0 agree on no other form. */
  readonly host: string;
  readonly login: string;
  readonly password: string;
}

const connectionId = "mlflow_default";
const mask = "********";

/** The forms as Airflow's containers are given them; the password masked unless it is to be revealed. */
export function connectionForms(
  spec: StackSpec,
  secrets: Pick<Secrets, "MLFLOW_PASSWORD" | "MLFLOW_ELSEWHERE_PASSWORD">,
  isRevealed: boolean,
): ConnectionForms {
  const login = loginOf(spec);
  const secret = secrets[login?.secret ?? "MLFLOW_PASSWORD"];
  const fields: ConnectionFields = {
    connType: "http",
    host: elsewhereOf(spec)?.url ?? mlflowUrl,
    login: login?.user ?? ownUsers.tasks,
    password: isRevealed ? secret : mask,
  };
  const json = jsonFrom(fields);
  return {
    mode: spec.mlflow.mode,
    connectionId,
    fields,
    environment: `AIRFLOW_CONN_${connectionId.toUpperCase()}=${shellWord(json)}`,
    json,
    uri: uriFrom(fields),
    command: commandFrom(fields),
    client: clientVariables(spec, fields, login !== undefined),
    isRevealed,
  };
}

function jsonFrom({ connType, host, login, password }: ConnectionFields): string {
  return JSON.stringify({ conn_type: connType, host, login, password });
}

/** The host whole and encoded, which is how Airflow keeps scheme and port inside the host. */
function uriFrom({ connType, host, login, password }: ConnectionFields): string {
  const [user, secret, place] = [login, password, host].map(percentEncoded);
  return `${connType}://${user}:${secret === percentEncoded(mask) ? mask : secret}@${place}`;
}

function commandFrom({ connType, host, login, password }: ConnectionFields): string {
  const options = {
    "conn-type": connType,
    "conn-host": host,
    "conn-login": login,
    "conn-password": password,
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, shellWord(value)]);
  return ["airflow", "connections", "add", connectionId, ...words].join(" ");
}

function clientVariables(
  { mlflow }: StackSpec,
  { host, login, password }: ConnectionFields,
  hasLogin: boolean,
): Readonly<Record<string, string>> {
  if (mlflow.mode === "databricks") {
    return { MLFLOW_TRACKING_URI: "databricks", DATABRICKS_HOST: host, DATABRICKS_TOKEN: password };
  }
  const address = { MLFLOW_TRACKING_URI: host };
  if (!hasLogin) return address;
  return login === tokenLogin
    ? { ...address, MLFLOW_TRACKING_TOKEN: password }
    : { ...address, MLFLOW_TRACKING_USERNAME: login, MLFLOW_TRACKING_PASSWORD: password };
}

function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (char) => `%${char.codePointAt(0)?.toString(16).toUpperCase()}`,
  );
}

function shellWord(text: string): string {
  return /^[\w./:=@%+-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
