import { elsewhereOf, urlForPeople } from "./mlflow-spec.ts";
import type { StackSpec } from "./spec.ts";

/** URLs on this machine. */
export interface Endpoints {
  readonly airflow: string;
  readonly mlflow: string;
  readonly console: string;
  readonly s3: string;
}

// "localhost" is a name that browsers keep logins for, and that MLflow and Airflow both take.
export function endpointsOf(spec: StackSpec): Endpoints {
  const { ports } = spec;
  const elsewhere = elsewhereOf(spec);
  return {
    airflow: `http://localhost:${ports.airflow}`,
    mlflow: elsewhere === undefined ? `http://localhost:${ports.mlflow}` : urlForPeople(elsewhere.url),
    console: `http://localhost:${ports.console}`,
    s3: `http://localhost:${ports.s3}`,
  };
}

/** The endpoints that a service answers on. */
export function endpointsOfService(service: string, endpoints: Endpoints): readonly string[] {
  switch (service) {
    case "airflow":
    case "airflow-api-server":
    case "airflow-webserver":
      return [endpoints.airflow];
    case "mlflow":
      return [endpoints.mlflow];
    case "minio":
      return [endpoints.console, endpoints.s3];
    default:
      return [];
  }
}
