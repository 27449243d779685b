import type { TimingsReport } from "../../stack/timings.ts";
import type { StartRecord } from "../../stack/timeline.ts";
import type { Paint } from "../colors.ts";
import { formatDuration, formatTable } from "../format.ts";

const barWidth = 50;

/** A bar for each phase of the last start; those on the critical path are bright. */
export function renderTimings({ last, criticalPath, history }: TimingsReport, paint: Paint): string {
  const scale = barWidth / Math.max(1, last.totalMs);
  const rows = last.phases.map(({ name, startMs, endMs }) => {
    const from = Math.min(barWidth - 1, Math.round(startMs * scale));
    const length = Math.max(1, Math.min(barWidth - from, Math.round((endMs - startMs) * scale)));
    const isCritical = criticalPath.includes(name);
    const bar =
      " ".repeat(from) + (isCritical ? paint.yellow("█".repeat(length)) : paint.dim("░".repeat(length)));
    const label = name.includes("/") ? `    ${name.slice(name.indexOf("/") + 1)}` : `  ${name}`;
    return [label, formatDuration(endMs - startMs), bar];
  });
  const headline = paint.bold(`Last start ${describeKind(last)}: ${formatDuration(last.totalMs)}`);
  const path = `Critical path: ${criticalPath.join(" → ")}`;
  return [headline, formatTable(rows), path, compare(last, history)].join("\n");
}

function describeKind({ kind, code }: StartRecord): string {
  const failed = code === undefined ? "(failed)" : `(failed with ${code})`;
  return {
    build: "with image builds",
    first: "on empty volumes",
    restart: "on existing volumes",
    failed,
  }[kind];
}

function compare({ kind }: StartRecord, history: TimingsReport["history"]): string {
  if (kind === "failed") return "A start that failed is not compared with others.";
  if (history === undefined) return "No earlier start of this kind to compare with.";
  const { slowerByMs, medianMs, starts, slowest } = history;
  const difference = `${formatDuration(Math.abs(slowerByMs))} ${slowerByMs > 0 ? "slower" : "faster"} than`;
  const median = `the median of ${starts} earlier ${starts === 1 ? "start" : "starts"} (${formatDuration(medianMs)})`;
  const cause =
    slowest === undefined || slowerByMs <= 0
      ? ""
      : `; most of it in ${slowest.phase}, by ${formatDuration(slowest.slowerByMs)}`;
  return `${difference} ${median}${cause}.`;
}
