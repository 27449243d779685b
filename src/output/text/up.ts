import type { UpResult } from "../../stack/up.ts";
import type { Paint } from "../colors.ts";
import { formatDuration, formatTable } from "../format.ts";
import { renderProve } from "./prove.ts";

export function renderUp(result: UpResult, paint: Paint): string {
  const { endpoints } = result;
  const headline = result.changed
    ? `The stack ${result.project} is up after ${formatDuration(result.elapsedMs)}: ${result.services.length} services healthy.`
    : `The stack ${result.project} was up already; nothing changed (checked in ${formatDuration(result.elapsedMs)}).`;
  const mlflowLogin =
    result.mlflowUser === undefined
      ? []
      : [`user ${result.mlflowUser}, password: stack secrets MLFLOW_ADMIN_PASSWORD`];
  const table = formatTable([
    [
      "  Airflow",
      paint.cyan(endpoints.airflow),
      paint.dim("user admin, password: stack secrets AIRFLOW_ADMIN_PASSWORD"),
    ],
    ["  MLflow", paint.cyan(endpoints.mlflow), ...mlflowLogin.map((text) => paint.dim(text))],
    [
      "  MinIO console",
      paint.cyan(endpoints.console),
      paint.dim("user and password: stack secrets MINIO_ROOT_USER, ... MINIO_ROOT_PASSWORD"),
    ],
    ["  S3", paint.cyan(endpoints.s3)],
  ]);
  const moves = result.movedPorts.map(({ name, from, to, holder }) =>
    paint.yellow(`  Port ${from} (${name}) was taken by ${holder}; it is ${to} from now on.`),
  );
  const proof = result.proof === undefined ? [] : [renderProve(result.proof, paint)];
  return [paint.bold(headline), table, ...moves, ...proof].join("\n");
}
