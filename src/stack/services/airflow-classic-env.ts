import { secretRef } from "../secrets.ts";
import type { StackSpec } from "../spec.ts";
import { airflowHome } from "./airflow-paths.ts";

/** The settings that every process of Airflow 2.7 needs. */
export function classicEnv(spec: StackSpec): Readonly<Record<string, string>> {
  return {
    AIRFLOW__CORE__EXECUTOR: "LocalExecutor",
    AIRFLOW__CORE__PARALLELISM: String(spec.airflow.parallelism),
    AIRFLOW__CORE__LOAD_EXAMPLES: spec.airflow.loadExamples ? "True" : "False",
    AIRFLOW__CORE__FERNET_KEY: secretRef("FERNET_KEY"),
    AIRFLOW__CORE__DAGS_FOLDER: `${airflowHome}/dags`,
    // The names of the containers, as healthchecks and Airflow's own pages show them.
    AIRFLOW__CORE__HOSTNAME_CALLABLE: "socket.gethostname",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `postgresql+psycopg2://airflow:${secretRef("AIRFLOW_DB_PASSWORD")}@postgres/airflow`,
    AIRFLOW__WEBSERVER__BASE_URL: `http://localhost:${spec.ports.airflow}`,
    // Each one imports all of Airflow by itself; the default is four.
    AIRFLOW__WEBSERVER__WORKERS: "1",
    AIRFLOW__API__AUTH_BACKENDS: "airflow.api.auth.backend.basic_auth,airflow.api.auth.backend.session",
    // Airflow looks for new files every 300 s unless told otherwise, and reads a file that hasn't changed every 30 s.
    // It has no call to read a file now, so that is what `stack seed` waits for.
    AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL: "1",
    AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL: "5",
    AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME: "0.25",
    // Nobody who reads a container's log wants its colours as text.
    AIRFLOW__LOGGING__COLORED_CONSOLE_LOG: "False",
  };
}
