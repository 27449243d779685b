import { composeFile, oneShots } from "./compose-file.ts";
import type { StackSpec } from "./spec.ts";

/** The services of a project by their names. */
export interface ServiceTarget {
  readonly project: string;
  readonly services: readonly string[];
  /** Those that do their work once and end. */
  readonly oneShots: readonly string[];
}

export function serviceTarget(spec: StackSpec): ServiceTarget {
  const images = { airflow: "", minio: "", mlflow: "", postgres: "" };
  const file = composeFile({ spec, images, projectDir: "" });
  return { project: spec.project, services: Object.keys(file.services), oneShots: oneShots(file) };
}
