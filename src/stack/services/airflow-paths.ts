import type { Line } from "../lines.ts";

/** Paths in Airflow's containers. */
export const airflowHome = "/opt/airflow";
export const passwordsFile = `${airflowHome}/passwords.json`;
export const scikitLearnData = `${airflowHome}/data`;
/** In the volume with Airflow's data: the keys that what it keeps encrypted may need, a line each. */
export const fernetKeysFile = `${scikitLearnData}/.stack-keys/fernet`;
export const certificatesMount = `${airflowHome}/certificates`;

/** The user of Airflow's containers, in our images and the official ones. */
export const airflowUser = "50000";

/** In the project: an empty folder that the scheduler's own folder in memory is mounted over. */
export const classicCanaryMount = "dags/.stack-dags";
export const classicCanaryFolder = `${airflowHome}/${classicCanaryMount}`;

/**
 * Where `stack prove` puts its canary; not among the user's files, and empty at rest. Airflow 3 has a DAG bundle for
 * it, Airflow 2 knows one folder only.
 */
export function canaryFolder(line: Line): string {
  return line === "classic" ? classicCanaryFolder : `${airflowHome}/data/.stack-dags`;
}
