import type { ComposeConfig, ComposeFile, ComposeService } from "./compose-types.ts";
import { airflow } from "./services/airflow.ts";
import { networks } from "./services/containment.ts";
import { minio } from "./services/minio.ts";
import { mlflow } from "./services/mlflow.ts";
import { postgres } from "./services/postgres.ts";
import type { DefineService, ServiceInputs } from "./services/service.ts";

/** Every service of the stack; a new one is added here. */
const definitions: readonly DefineService[] = [postgres, minio, mlflow, airflow];

/** The spec as a compose file. */
export function composeFile(inputs: ServiceInputs): ComposeFile {
  const services: Record<string, ComposeService> = {};
  const volumes: Record<string, null> = {};
  const configs: Record<string, ComposeConfig> = {};
  for (const define of definitions) {
    const definition = define(inputs);
    Object.assign(services, definition.services);
    Object.assign(configs, definition.configs);
    for (const volume of definition.volumes) volumes[volume] = null;
  }
  return { name: inputs.spec.project, services, volumes, configs, networks };
}

/** Services that do their work once and end; every other one stays. */
export function oneShots(file: ComposeFile): readonly string[] {
  return Object.entries(file.services).flatMap(([name, { restart }]) => (restart === "no" ? [name] : []));
}
