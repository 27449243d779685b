import type { ProveResult } from "../../stack/prove/prove.ts";
import type { Paint } from "../colors.ts";
import { formatBytes, formatDuration } from "../format.ts";

export function renderProve({ verifiedMs, bytes, checksum }: ProveResult, paint: Paint): string {
  const detail = `${formatBytes(bytes)} went through Airflow, MLflow and the bucket and came back with SHA-256 ${checksum.slice(0, 12)}…`;
  return `${paint.bold(`pipeline verified in ${formatDuration(verifiedMs)}`)}\n${paint.dim(detail)}`;
}
