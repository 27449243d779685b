import type { StackSpec } from "./spec.ts";

/** Airflow's four components in one container, from one import; or a container each. */
export const airflowLayouts = ["together", "separate"] as const;
export type AirflowLayout = (typeof airflowLayouts)[number];

/** Only the stack's own image has the launcher that `together` needs. */
export function effectiveLayout(spec: StackSpec): AirflowLayout {
  return spec.images.airflow === undefined ? spec.airflow.layout : "separate";
}

/** What to tell the user whose Airflow image decided the layout. */
export function layoutNote({ images, airflow }: StackSpec): string | undefined {
  if (images.airflow === undefined || airflow.layout === "separate") return undefined;
  return `Airflow's components run in a container each (airflow.layout: separate): ${images.airflow} has no launcher for one.`;
}

/** The Compose services that serve Airflow's API and run its tasks. */
export function airflowServices(spec: StackSpec): { readonly api: string; readonly scheduler: string } {
  return effectiveLayout(spec) === "together"
    ? { api: "airflow", scheduler: "airflow" }
    : { api: "airflow-api-server", scheduler: "airflow-scheduler" };
}
