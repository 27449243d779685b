import { StackError } from "../lib/errors.ts";
import type { Phase, StartRecord } from "./timeline.ts";

export interface TimingsReport {
  readonly last: StartRecord;
  /** Names of the phases that decided the length of the start, first to last. */
  readonly criticalPath: readonly string[];
  /** Compared with earlier starts of the same kind; undefined when there is none, or the last start failed. */
  readonly history:
    | {
        readonly starts: number;
        readonly medianMs: number;
        readonly slowerByMs: number;
        /** What took longer than its own median by the most, of what decided the length; undefined when nothing did. */
        readonly slowest: { readonly phase: string; readonly slowerByMs: number } | undefined;
      }
    | undefined;
}

/** The last start, what decided its length, and how it compares. Throws STACK_NOT_RUNNING before the first. */
export function reportTimings(records: readonly StartRecord[]): TimingsReport {
  const last = records.at(-1);
  if (last === undefined) {
    throw new StackError(
      "STACK_NOT_RUNNING",
      "No start of this project is on record: there was none yet, or .stack/timings.json was lost.",
      { hint: "Start the stack with `stack up`; one that runs, with `stack down` before it." },
    );
  }
  const isComparable = ({ kind }: StartRecord): boolean => kind === last.kind && kind !== "failed";
  const earlier = records.slice(0, -1).filter(isComparable);
  const medianMs = median(earlier.map(({ totalMs }) => totalMs));
  const criticalPath = findCriticalPath(last.phases);
  if (medianMs === undefined) return { last, criticalPath, history: undefined };
  const slowerByMs = Math.round(last.totalMs - medianMs);
  const slowest = findSlowest(last, criticalPath, earlier);
  return { last, criticalPath, history: { starts: earlier.length, medianMs, slowerByMs, slowest } };
}

function findSlowest(
  { phases }: StartRecord,
  criticalPath: readonly string[],
  earlier: readonly StartRecord[],
): { readonly phase: string; readonly slowerByMs: number } | undefined {
  const lengthsOf = (of: readonly Phase[], wanted: string): readonly number[] =>
    of.filter(({ name }) => name === wanted).map(({ startMs, endMs }) => endMs - startMs);
  const excesses = criticalPath.flatMap((phase) => {
    const usual = median(earlier.flatMap((one) => lengthsOf(one.phases, phase)));
    const [now] = lengthsOf(phases, phase);
    return usual === undefined || now === undefined ? [] : { phase, slowerByMs: Math.round(now - usual) };
  });
  const [most] = excesses.toSorted((a, b) => b.slowerByMs - a.slowerByMs);
  return most !== undefined && most.slowerByMs > 0 ? most : undefined;
}

/** From the end backwards: before each phase the one that it waited for. */
function findCriticalPath(phases: readonly Phase[]): readonly string[] {
  const path: string[] = [];
  let current = lastEnded(phases.filter(isWhole));
  let untilMs = Number.POSITIVE_INFINITY;
  while (current !== undefined) {
    path.unshift(...chainOfParts(current, phases, untilMs));
    untilMs = current.startMs;
    current = predecessor(current, phases);
  }
  return path;
}

function isWhole({ name }: Phase): boolean {
  return !name.includes("/");
}

function predecessor(phase: Phase, phases: readonly Phase[]): Phase | undefined {
  const wholes = phases.filter((one) => isWhole(one) && one.startMs < phase.startMs);
  const { after } = phase;
  if (after !== undefined) return lastEnded(wholes.filter(({ name }) => after.includes(name)));
  // What it began in the middle of has started it: a container, by Compose.
  const around = wholes.find((one) => one.endMs > phase.startMs && one.name === "compose");
  return around ?? lastEnded(wholes.filter((one) => one.endMs <= phase.startMs));
}

/**
 * The parts that decided how long a phase took until another began, by their names; the phase itself when it has none.
 */
function chainOfParts(phase: Phase, phases: readonly Phase[], untilMs: number): readonly string[] {
  const parts = phases.filter(({ name, startMs }) => name.startsWith(`${phase.name}/`) && startMs < untilMs);
  const chain: Phase[] = [];
  let part = lastEnded(parts);
  while (part !== undefined) {
    chain.unshift(part);
    const { startMs } = part;
    part = lastEnded(parts.filter((one) => one.endMs <= startMs && !chain.includes(one)));
  }
  return chain.length === 0 ? [phase.name] : chain.map(({ name }) => name);
}

function lastEnded(phases: readonly Phase[]): Phase | undefined {
  return phases.toSorted((a, b) => b.endMs - a.endMs)[0];
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 || low === undefined || high === undefined ? high : (low + high) / 2;
}
