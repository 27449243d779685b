import { certificatesFile } from "../certificates.ts";
import { airflowServices, effectiveLayout } from "../layout.ts";
import { secretRef } from "../secrets.ts";
import type { StackSpec } from "../spec.ts";
import { classicEnv } from "./airflow-classic-env.ts";
import {
  airflowHome,
  canaryFolder,
  certificatesMount,
  passwordsFile,
  scikitLearnData,
} from "./airflow-paths.ts";
import { s3Url } from "./minio.ts";
import { mlflowClientEnv } from "./mlflow-client-env.ts";
import { extraEnv, type ServiceInputs } from "./service.ts";

const localBundle = "airflow.dag_processing.bundles.local.LocalDagBundle";

/** What every Airflow process needs, in the same words: they share one secret or every task fails. */
export function airflowEnv(inputs: ServiceInputs): Readonly<Record<string, string>> {
  const given = new Set(inputs.envNames);
  const defaults = Object.entries({ ...taskEnv(inputs), ...networkEnv(inputs) }).filter(
    ([name]) => !given.has(name),
  );
  return {
    ...coreEnv(inputs.spec),
    ...Object.fromEntries(defaults),
    ...extraEnv(inputs, "airflow"),
  };
}

/** What the migration of Airflow's database needs: it speaks to nobody else. */
export function migrationEnv(inputs: ServiceInputs): Readonly<Record<string, string>> {
  return { ...ownEnv(inputs.spec), ...extraEnv(inputs, "airflow") };
}

/** Whether a variable is the stack's to set: the project's .env may not. */
export function isSetByStack(spec: StackSpec, name: string): boolean {
  return Object.hasOwn(coreEnv(spec), name);
}

function coreEnv(spec: StackSpec): Readonly<Record<string, string>> {
  return { ...ownEnv(spec), ...(spec.line === "classic" ? classicKeys : currentKeys) };
}

function ownEnv(spec: StackSpec): Readonly<Record<string, string>> {
  return spec.line === "classic" ? classicEnv(spec) : currentEnv(spec);
}

/** By which Airflow's components know each other, and a browser again. */
const currentKeys = {
  AIRFLOW__API__SECRET_KEY: secretRef("API_SECRET"),
  AIRFLOW__API_AUTH__JWT_SECRET: secretRef("JWT_SECRET"),
};
const classicKeys = { AIRFLOW__WEBSERVER__SECRET_KEY: secretRef("API_SECRET") };

function currentEnv(spec: StackSpec): Readonly<Record<string, string>> {
  return {
    AIRFLOW__CORE__EXECUTOR: "LocalExecutor",
    AIRFLOW__CORE__PARALLELISM: String(spec.airflow.parallelism),
    AIRFLOW__CORE__LOAD_EXAMPLES: spec.airflow.loadExamples ? "True" : "False",
    AIRFLOW__CORE__FERNET_KEY: secretRef("FERNET_KEY"),
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `http://${airflowServices(spec).api}:8080/execution/`,
    // The names of the containers, as healthchecks and Airflow's own pages show them.
    AIRFLOW__CORE__HOSTNAME_CALLABLE: "socket.gethostname",
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: "admin:admin",
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE: passwordsFile,
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `postgresql+psycopg2://airflow:${secretRef("AIRFLOW_DB_PASSWORD")}@postgres/airflow`,
    AIRFLOW__API__WORKERS: "1",
    AIRFLOW__API__BASE_URL: `http://localhost:${spec.ports.airflow}`,
    // Airflow looks for new files every 300 s and for edits every 5 s unless told otherwise.
    AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST: JSON.stringify([
      { name: "dags-folder", classpath: localBundle, kwargs: {} },
      // Where `stack prove` puts its canary.
      { name: "stack", classpath: localBundle, kwargs: { path: canaryFolder(spec.line) } },
    ]),
    AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL: "1",
    AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL: "1",
    // How long the scheduler rests between its rounds, 1 s by default: each round a second costs 2 % of a core. Our
    // launcher ends a rest when a task has ended; without it tasks would follow each other too slowly.
    AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME: effectiveLayout(spec) === "together" ? "0.5" : "0.25",
    // How often the scheduler looks after tasks that a scheduler before it left: every five minutes unless told
    // otherwise, in which a task that a stop cut off would be told to run. Our launcher tells of them at once.
    ...(effectiveLayout(spec) === "together"
      ? {}
      : { AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL: "15" }),
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: "False",
    STACK_MLFLOW_PROVIDER_COMPAT: spec.airflow.providerCompat ? "on" : "off",
  };
}

/** What tasks find, whichever Airflow runs them. */
function taskEnv({ spec }: ServiceInputs): Readonly<Record<string, string>> {
  return {
    ...mlflowClientEnv(spec),
    // `from include.module import name`, as Astro projects do.
    PYTHONPATH: airflowHome,
    MLFLOW_S3_ENDPOINT_URL: s3Url,
    AWS_ENDPOINT_URL_S3: s3Url,
    AWS_ACCESS_KEY_ID: secretRef("S3_ACCESS_KEY"),
    AWS_SECRET_ACCESS_KEY: secretRef("S3_SECRET_KEY"),
    AWS_DEFAULT_REGION: "us-east-1",
    ARTIFACT_BUCKET: spec.bucket,
    SCIKIT_LEARN_DATA: scikitLearnData,
    DO_NOT_TRACK: "true",
    GIT_PYTHON_REFRESH: "quiet",
    // Environments that tasks make for themselves, and what pip downloads for them.
    STACK_VENV_CACHE: `${scikitLearnData}/.venvs`,
    PIP_CACHE_DIR: `${scikitLearnData}/.pip`,
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
  };
}

/** Python's own TLS and uv go by the first variable, requests, pip, boto3 and MLflow's client by the second. */
export function networkEnv({
  hasCertificates = false,
}: Pick<ServiceInputs, "hasCertificates">): Readonly<Record<string, string>> {
  if (!hasCertificates) return {};
  const bundle = `${certificatesMount}/${certificatesFile}`;
  return { SSL_CERT_FILE: bundle, REQUESTS_CA_BUNDLE: bundle };
}
