import type { Unit } from "../measures/measure.ts";
import { digitsOf, figureText } from "./report.ts";
import { median } from "./results.ts";

/** What was read of one size: of so many DAG files, or of so many stacks. */
export interface Size {
  readonly label: string;
  readonly startS: readonly number[];
  /** Of DAG files alone. */
  readonly knownS?: number;
  readonly memoryGib: readonly number[];
  readonly cpuPercent: readonly number[];
}

type Row = readonly string[];

const head: Row = [
  "",
  "start",
  "adds",
  "all DAGs known after the first start",
  "memory",
  "adds",
  "CPU at rest",
  "adds",
];

/** Totals, and what each size adds to the first of its series. */
export function scalingRows(series: readonly (readonly Size[])[]): readonly Row[] {
  return [head, ...series.flatMap((sizes) => sizes.map((size) => rowOf(size, sizes[0] ?? size)))];
}

function rowOf(size: Size, first: Size): Row {
  const added = (read: (from: Size) => readonly number[], unit: Unit): string =>
    size === first ? "" : addedText(median(read(size)) - median(read(first)), unit);
  return [
    size.label,
    figureText(size.startS, "s"),
    added(({ startS }) => startS, "s"),
    size.knownS === undefined ? "" : figureText([size.knownS], "s"),
    figureText(size.memoryGib, "GiB"),
    added(({ memoryGib }) => memoryGib, "GiB"),
    figureText(size.cpuPercent, "% of a core"),
    added(({ cpuPercent }) => cpuPercent, "% of a core"),
  ];
}

/** "+0.31 s"; a minus where the larger size was the cheaper one, which is what noise looks like. */
function addedText(difference: number, unit: Unit): string {
  return `${difference < 0 ? "" : "+"}${difference.toFixed(digitsOf(unit))} ${unit}`;
}
