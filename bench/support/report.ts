import type { Measure, Unit } from "../measures/measure.ts";
import { layoutNames, type LayoutName } from "./layout.ts";
import { median, type Results } from "./results.ts";

type Row = readonly string[];

const head: Row = ["measure", "stack", "by hand", "ratio", "target", "met"];

/** One row for each measure that was taken. */
export function resultRows(measures: readonly Measure[], results: Results): readonly Row[] {
  return [head, ...measures.map((measure) => rowOf(measure, results))];
}

/** Titles of the measures whose median is over its target, or of which there is none. */
export function missedTargets(measures: readonly Measure[], results: Results): readonly string[] {
  return measures.filter((measure) => judge(measure, results).met !== "yes").map(({ title }) => title);
}

function judge(
  measure: Measure,
  results: Results,
): { readonly share: number | undefined; readonly met: "yes" | "no" | "?" } {
  const stack = results.values(measure, "stack");
  const diy = results.values(measure, "diy");
  const share = stack.length > 0 && diy.length > 0 ? median(stack) / median(diy) : undefined;
  const { kind, most } = measure.target;
  const judged = kind === "ratio" ? share : stack.length > 0 ? median(stack) : undefined;
  return { share, met: judged === undefined ? "?" : judged <= most ? "yes" : "no" };
}

function rowOf(measure: Measure, results: Results): Row {
  const { share, met } = judge(measure, results);
  const { kind, most } = measure.target;
  return [
    measure.title,
    figureText(results.values(measure, "stack"), measure.unit),
    measure.layouts.includes("diy") ? figureText(results.values(measure, "diy"), measure.unit) : "",
    share === undefined ? "" : share.toFixed(2),
    kind === "ratio" ? `ratio ≤ ${most}` : `≤ ${most} ${measure.unit}`,
    met,
  ];
}

/** "5.31 s (5.20-5.42, n=5)" */
export function figureText(values: readonly number[], unit: Unit): string {
  if (values.length === 0) return "none";
  const show = (value: number): string => value.toFixed(digitsOf(unit));
  const spread = `${show(Math.min(...values))}-${show(Math.max(...values))}, `;
  return `${show(median(values))} ${unit} (${values.length > 1 ? spread : ""}n=${values.length})`;
}

/** Decimals that its figures are shown with. */
export function digitsOf(unit: Unit): number {
  return unit === "% of a core" ? 1 : 2;
}

const labels: Readonly<Record<LayoutName, string>> = { stack: "stack", diy: "by hand" };

export function noteLines(measures: readonly Measure[], results: Results): readonly string[] {
  return measures.flatMap((measure) =>
    layoutNames.flatMap((layout) =>
      results.notes(measure, layout).map((note) => `${measure.title}, ${labels[layout]}: ${note}`),
    ),
  );
}

/** What is no median of the rounds, since it was measured in the first alone. */
export function onceLines(measures: readonly Measure[]): readonly string[] {
  return measures.flatMap(({ title, onceIn }) =>
    onceIn === undefined ? [] : [`${title}, ${labels[onceIn]}`],
  );
}

export function textTable(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((value, column) => value.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function markdownTable([first = [], ...rest]: readonly Row[]): string {
  const line = (row: Row): string => `| ${row.join(" | ")} |`;
  return [line(first), line(first.map(() => "---")), ...rest.map(line)].join("\n");
}
