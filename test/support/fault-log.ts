import { afterEach, TestRunner, type RunnerTestCase } from "vitest";

/** A fault that a test made and what came of it, as measured; a line of the table at the end of the run. */
export interface Fault {
  /** What was done; without it, the whole name of the test. */
  readonly fault?: string | undefined;
  /** The words that named it; without them, what was noted. */
  readonly shown?: string;
  /** From the fault, or from the question about it, to those words. */
  readonly namedAfterMs?: number | undefined;
  /** What was seen of the stack afterwards. */
  readonly after: string;
}

/** What the tool said of a fault, and how long after it. */
export interface Note {
  readonly shown: string;
  readonly namedAfterMs: number;
}

declare module "vitest" {
  interface TaskMeta {
    faults?: Fault[];
    notes?: Note[];
  }
}

/** Keeps what was said of a fault, until the running test records it. */
export function noteShown(shown: string, namedAfterMs: number): void {
  const { meta } = currentTest();
  meta.notes = [...(meta.notes ?? []), { shown, namedAfterMs }];
}

/** Adds a line to the table at the end of the run. What was noted belongs to it, unless it says otherwise. */
export function recordFault({ fault, ...seen }: Fault): void {
  const { meta, fullTestName } = currentTest();
  const { notes = [] } = meta;
  const noted = {
    shown: notes.map(({ shown }) => shown).join("; then "),
    namedAfterMs: notes[0]?.namedAfterMs,
  };
  meta.faults = [...(meta.faults ?? []), { ...noted, ...seen, fault: fault ?? fullTestName }];
  delete meta.notes;
}

/** Has each test of a file, or of a `describe`, be a line of that table: it is an attack, by its whole name. */
export function recordEachAttack(after: string): void {
  afterEach(({ task }) => {
    if (task.result?.state !== "fail") recordFault({ after });
  });
}

function currentTest(): RunnerTestCase {
  const test = TestRunner.getCurrentTest<RunnerTestCase | undefined>();
  if (test === undefined) throw new Error("only a test has faults to tell of");
  return test;
}
