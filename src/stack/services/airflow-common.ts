import type { BindMount, ComposeService, ConfigMount, Dependency } from "../compose-types.ts";
import { certificatesFolder } from "../certificates.ts";
import { secretRef } from "../secrets.ts";
import { elsewhereOf } from "../mlflow-spec.ts";
import type { StackSpec } from "../spec.ts";
import { airflowEnv } from "./airflow-env.ts";
import { confined } from "./containment.ts";
import {
  airflowHome,
  airflowUser,
  certificatesMount,
  passwordsFile,
  scikitLearnData,
} from "./airflow-paths.ts";
import { literal, type ServiceDefinition, type ServiceInputs } from "./service.ts";

/** The user's folders that Airflow sees; read-only, so that no container leaves files of its own user in them. */
export const projectFolders = ["dags", "include", "plugins"] as const;

/**
 * Compose stops what depends on others before these. Airflow's components and tasks need them to the last, to record
 * how they ended; for a start the order doesn't matter.
 */
export function outlivesAirflow(spec: StackSpec): Readonly<Record<string, Dependency>> {
  const names = ["postgres", "minio", ...(elsewhereOf(spec) === undefined ? ["mlflow"] : [])];
  return Object.fromEntries(names.map((name) => [name, { condition: "service_started" }]));
}

/** What every Airflow container has, whichever components it runs. */
export function airflowService(inputs: ServiceInputs): ComposeService {
  return {
    ...confined(inputs, "airflow"),
    ...(inputs.envNames === undefined ? {} : { env_file: [literal(`${inputs.projectDir}/.env`)] }),
    environment: airflowEnv(inputs),
    volumes: [
      ...projectFolders.map((folder): BindMount => {
        const source = literal(`${inputs.projectDir}/${folder}`);
        return { type: "bind", source, target: `${airflowHome}/${folder}`, read_only: true };
      }),
      ...(inputs.hasCertificates === true ? [certificates(inputs)] : []),
      `airflow-logs:${airflowHome}/logs`,
      `airflow-data:${scikitLearnData}`,
    ],
    extra_hosts: ["host.docker.internal:host-gateway"],
  };
}

function certificates({ projectDir }: ServiceInputs): BindMount {
  const source = literal(`${projectDir}/${certificatesFolder}`);
  return { type: "bind", source, target: certificatesMount, read_only: true };
}

/** For the container with the API server. Airflow opens the file for writing, though it finds nothing to add. */
export const passwordsMount: ConfigMount = {
  source: "airflow-passwords",
  target: passwordsFile,
  uid: airflowUser,
  mode: 0o600,
};

export const airflowStorage: Pick<ServiceDefinition, "volumes" | "configs"> = {
  volumes: ["airflow-logs", "airflow-data"],
  configs: {
    "airflow-passwords": { content: JSON.stringify({ admin: secretRef("AIRFLOW_ADMIN_PASSWORD") }) },
  },
};
