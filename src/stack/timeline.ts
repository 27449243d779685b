import { v } from "../lib/schema.ts";
import type { Clock } from "../lib/clock.ts";

/** A part of a start, in milliseconds after the command began. */
export interface Phase {
  /** "images", "compose", "mlflow", or a part of one: "compose/create", "mlflow/import". */
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Phases that had to end before it could begin, where that is known. */
  readonly after?: readonly string[];
}

export type StartKind = (typeof startKinds)[number];
const startKinds = ["build", "first", "restart", "failed"] as const;

export interface StartRecord {
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** Starts of one kind are compared with each other, but for those that failed. */
  readonly kind: StartKind;
  /** Code of the error that one which failed ended with. */
  readonly code?: string;
  readonly totalMs: number;
  readonly phases: readonly Phase[];
}

export interface Timeline {
  /** Does some work and notes how long it took, even to fail. */
  measure<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Notes a part that was timed elsewhere, by the time of day. */
  add(name: string, startMs: number, endMs: number, after?: readonly string[]): void;
  /** Tells the two parts of a phase that was measured from each other; the first went over into the second at a time of day. */
  split(name: string, [first, second]: readonly [string, string], atMs: number): void;
  phases(): readonly Phase[];
}

/** Notes what happened when, from now on. */
export function createTimeline(clock: Clock): Timeline {
  const zeroMs = clock.nowMs();
  const phases: Phase[] = [];
  const add: Timeline["add"] = (name, startMs, endMs, after = []) => {
    phases.push({
      name,
      startMs: Math.max(0, Math.round(startMs - zeroMs)),
      endMs: Math.max(0, Math.round(endMs - zeroMs)),
      ...(after.length > 0 ? { after } : {}),
    });
  };
  return {
    measure: async (name, work) => {
      const startMs = clock.nowMs();
      try {
        return await work();
      } finally {
        add(name, startMs, clock.nowMs());
      }
    },
    add,
    split: (name, [first, second], atMs) => {
      const whole = phases.find((phase) => phase.name === name);
      if (whole === undefined) return;
      const middleMs = Math.min(Math.max(whole.startMs, Math.round(atMs - zeroMs)), whole.endMs);
      phases.push(
        { name: `${name}/${first}`, startMs: whole.startMs, endMs: middleMs },
        { name: `${name}/${second}`, startMs: middleMs, endMs: whole.endMs },
      );
    },
    phases: () => phases.toSorted((a, b) => a.startMs - b.startMs || b.endMs - a.endMs),
  };
}

const recordSchema = v.object({
  startedAtMs: v.number(),
  kind: v.picklist(startKinds),
  code: v.exactOptional(v.string()),
  totalMs: v.number(),
  phases: v.array(
    v.object({
      name: v.string(),
      startMs: v.number(),
      endMs: v.number(),
      after: v.exactOptional(v.array(v.string())),
    }),
  ),
});

const historySchema = v.pipe(v.string(), v.parseJson(), v.array(recordSchema));

/** The starts that a file's text holds, oldest first; a damaged one holds none, since it is only a memory. */
export function parseHistory(text: string | undefined): readonly StartRecord[] {
  const parsed = v.safeParse(historySchema, text);
  return parsed.success ? parsed.output : [];
}

const longestHistory = 50;

export function renderHistory(records: readonly StartRecord[]): string {
  return `${JSON.stringify(records.slice(-longestHistory))}\n`;
}
