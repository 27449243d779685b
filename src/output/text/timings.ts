import type { TimingsReport } from "../../stack/timings.ts";
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
  const words = { build: "with image builds", first: "on empty volumes", restart: "on existing volumes" }[
    last.kind
  ];
  const headline = paint.bold(`Last start ${words}: ${formatDuration(last.totalMs)}`);
  return [headline, formatTable(rows), `Critical path: ${criticalPath.join(" → ")}`, compare(history)].join(
    "\n",
  );
}

function compare(history: TimingsReport["history"]): string {
  if (history === undefined) return "No earlier start of this kind to compare with.";
  const { slowerByMs, medianMs, starts } = history;
  const difference = `${formatDuration(Math.abs(slowerByMs))} ${slowerByMs > 0 ? "slower" : "faster"} than`;
  return `${difference} the median of ${starts} earlier ${starts === 1 ? "start" : "starts"} (${formatDuration(medianMs)}).`;
}
