import type { BucketReport, StorageReport } from "../../stack/storage.ts";
import type { Paint } from "../colors.ts";
import { formatAge, formatBytes, formatCount, formatTable } from "../format.ts";

/** The buckets and what takes the space in them. */
export function renderStorage({ buckets }: StorageReport, paint: Paint, nowMs: number): string {
  if (buckets.length === 0) return `${paint.bold("Buckets")}\n  ${paint.dim("none")}`;
  return [paint.bold("Buckets"), ...buckets.map((bucket) => renderBucket(bucket, paint, nowMs))].join("\n");
}

function renderBucket(
  { bucket, objects, bytes, newest, topPrefixes }: BucketReport,
  paint: Paint,
  nowMs: number,
) {
  if (newest === undefined) return `  ${bucket}  ${paint.dim("empty")}`;
  const age = formatAge(newest.modifiedAt, nowMs);
  const head = `  ${bucket}  ${formatCount(objects, "object")}, ${formatBytes(bytes)}, newest ${age} ago: ${newest.key}`;
  const rows = topPrefixes.map((usage) => [
    `    ${usage.prefix === "" ? paint.dim("(top level)") : usage.prefix}`,
    formatBytes(usage.bytes),
    paint.dim(formatCount(usage.objects, "object")),
  ]);
  return `${head}\n${formatTable(rows)}`;
}
