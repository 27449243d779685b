import type { ReportResult } from "../../stack/report/report.ts";
import type { Paint } from "../colors.ts";
import { formatBytes, formatTable } from "../format.ts";

/** Where the archive is, and what is in it. */
export function renderReport({ path, bytes, files, missing }: ReportResult, paint: Paint): string {
  const rows = files.map((file) => [`  ${file.path}`, formatBytes(file.bytes), file.about]);
  const lacking = missing.map((one) => paint.dim(`  without ${one.path}: ${one.why}`));
  return [
    `${paint.bold("Report")}  ${path}  ${formatBytes(bytes)}`,
    formatTable(rows),
    ...lacking,
    "Secrets are masked; names of files, hosts and DAGs are not: look it over before you give it away.",
  ].join("\n");
}
