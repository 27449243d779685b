import type { StackSpec } from "./spec.ts";

/** Airflow's four components in one container, from one import; or a container each. */
export const airflowLayouts = ["together", "separate"] as const;
export type AirflowLayout = (typeof airflowLayouts)[number];

/** Only the stack's own image of Airflow 3 has the launcher that `together` needs. */
export function effectiveLayout(spec: StackSpec): AirflowLayout {
  if (spec.line === "classic") return "separate";
  return spec.images.airflow === undefined ? spec.airflow.layout : "separate";
}

/** What to tell the user whose Airflow image decided the layout. */
export function layoutNote({ line, images, airflow }: StackSpec): string | undefined {
  if (line === "classic") return undefined;
  if (images.airflow === undefined || airflow.layout === "separate") return undefined;
  return `Airflow's components run in a container each (airflow.layout: separate): ${images.airflow} has no launcher for one.`;
}

/** The Compose services that serve Airflow's API and run its tasks. */
export function airflowServices(spec: StackSpec): { readonly api: string; readonly scheduler: string } {
  if (spec.line === "classic") return { api: "airflow-webserver", scheduler: "airflow-scheduler" };
  return effectiveLayout(spec) === "together"
    ? { api: "airflow", scheduler: "airflow" }
    : { api: "airflow-api-server", scheduler: "airflow-scheduler" };
}
