import { StackError } from "../lib/errors.ts";
import type { Phase, StartRecord } from "./timeline.ts";

export interface TimingsReport {
  readonly last: StartRecord;
  /** Names of the phases that decided the length of the start, first to last. */
  readonly criticalPath: readonly string[];
  /** Compared with earlier starts of the same kind; undefined when there is none. */
  readonly history:
    | { readonly starts: number; readonly medianMs: number; readonly slowerByMs: number }
    | undefined;
}

/** The last start, what decided its length, and how it compares. Throws STACK_NOT_RUNNING before the first. */
export function reportTimings(records: readonly StartRecord[]): TimingsReport {
  const last = records.at(-1);
  if (last === undefined) {
    throw new StackError("STACK_NOT_RUNNING", "No start has been recorded for this project yet.", {
      hint: "Start the stack with `stack up`.",
    });
  }
  const earlier = records.slice(0, -1).filter(({ kind }) => kind === last.kind);
  const medianMs = median(earlier.map(({ totalMs }) => totalMs));
  return {
    last,
    criticalPath: findCriticalPath(last.phases),
    history:
      medianMs === undefined
        ? undefined
        : { starts: earlier.length, medianMs, slowerByMs: Math.round(last.totalMs - medianMs) },
  };
}

// Phases hand over to each other within the rhythm that health is looked at.
const handOverMs = 600;

/** From the end backwards: before each phase the one that ended last before it began. */
function findCriticalPath(phases: readonly Phase[]): readonly string[] {
  const path: string[] = [];
  // A phase that contains others, as "compose" does, explains nothing beside them.
  const leaves = phases.filter((phase) => !phases.some((other) => other.name.startsWith(`${phase.name}/`)));
  let current = leaves.toSorted((a, b) => b.endMs - a.endMs)[0];
  while (current !== undefined) {
    path.unshift(current.name);
    const { startMs, name } = current;
    current = leaves
      .filter(
        (phase) =>
          phase.name !== name &&
          !path.includes(phase.name) &&
          phase.endMs <= startMs + handOverMs &&
          phase.startMs < startMs,
      )
      .toSorted((a, b) => b.endMs - a.endMs)[0];
  }
  return path;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 || low === undefined || high === undefined ? high : (low + high) / 2;
}
