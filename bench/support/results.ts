import type { Measure, Reading } from "../measures/measure.ts";
import type { LayoutName } from "./layout.ts";

/** Everything that was read, by measure and layout. */
export interface Results {
  add(measure: Measure, layout: LayoutName, reading: Reading): void;
  fail(measure: Measure, layout: LayoutName, error: unknown): void;
  values(measure: Measure, layout: LayoutName): readonly number[];
  notes(measure: Measure, layout: LayoutName): readonly string[];
}

export function createResults(): Results {
  const values = new Map<string, number[]>();
  const notes = new Map<string, Set<string>>();
  const key = (measure: Measure, layout: LayoutName): string => `${measure.name} ${layout}`;
  const note = (at: string, text: string): void => {
    const known = notes.get(at) ?? new Set();
    notes.set(at, known.add(text));
  };
  return {
    add: (measure, layout, reading) => {
      const at = key(measure, layout);
      // A round counts once, however often it repeated itself.
      values.set(at, [...(values.get(at) ?? []), median(reading.values)]);
      if (reading.note !== undefined) note(at, reading.note);
    },
    fail: (measure, layout, error) => {
      const [line = "failed"] = (error instanceof Error ? error.message : String(error)).split("\n");
      note(key(measure, layout), `failed: ${line}`);
    },
    values: (measure, layout) => values.get(key(measure, layout)) ?? [],
    notes: (measure, layout) => [...(notes.get(key(measure, layout)) ?? [])],
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
