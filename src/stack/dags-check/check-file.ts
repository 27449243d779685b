import type { ComposeFile, ComposeService } from "../compose-types.ts";
import type { AirflowObjects } from "../service-ports.ts";
import { airflowService, projectFolders } from "../services/airflow-common.ts";
import { airflowEnv } from "../services/airflow-env.ts";
import { airflowHome } from "../services/airflow-paths.ts";
import { literal, type ServiceInputs } from "../services/service.ts";

export const importService = "import";
export const ruffService = "ruff";

const importEnv = {
  // Nothing is stored: the import asks no database, and must not reach the running stack's.
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: "sqlite:////tmp/check.db",
  AIRFLOW__CORE__LOAD_EXAMPLES: "False",
  // By default the frames of the project's own code may be cut off.
  AIRFLOW__CORE__DAGBAG_IMPORT_ERROR_TRACEBACK_DEPTH: "100",
};

/** Two programs that look at the project's DAGs, each in a container that leaves nothing behind. */
export function checkFile(inputs: ServiceInputs, objects: AirflowObjects, ruffImage: string): ComposeFile {
  const { networks: _, ...airflow } = airflowService(inputs);
  const mounts = projectFolders.map((folder) => ({
    type: "bind" as const,
    source: literal(`${inputs.projectDir}/${folder}`),
    target: `${airflowHome}/${folder}`,
    read_only: true,
  }));
  const alone = { volumes: mounts, network_mode: "bridge" } satisfies Partial<ComposeService>;
  return {
    name: `${inputs.spec.project}-check`,
    services: {
      [importService]: {
        ...airflow,
        ...alone,
        environment: { ...objectsEnv(objects), ...airflowEnv(inputs), ...importEnv },
        entrypoint: ["python", "-"],
      },
      [ruffService]: { image: ruffImage, pull_policy: "never", ...alone },
    },
    volumes: {},
    configs: {},
  };
}

/** Connections and variables in the form that needs no database. */
function objectsEnv({ connections, variables }: AirflowObjects): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...connections.map(({ id, type, ...rest }): [string, string] => [
      `AIRFLOW_CONN_${id.toUpperCase()}`,
      literal(JSON.stringify({ conn_type: type, ...rest })),
    ]),
    ...variables.map(({ key, value }): [string, string] => [
      `AIRFLOW_VAR_${key.toUpperCase()}`,
      literal(value),
    ]),
  ]);
}
