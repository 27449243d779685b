import type { Spinner } from "../../src/output/spinner.ts";

/** A terminal's lines that move, and those above them that stay. */
export interface FakeScreen {
  readonly spinner: Spinner;
  readonly write: (line: string) => void;
  /** Calls the work each time `tick` is called, until it is ended. */
  readonly repeat: (ms: number, work: () => void) => () => void;
  tick(): void;
  readonly lines: readonly string[];
  readonly moving: readonly string[];
  readonly isTicking: boolean;
}

export function createFakeScreen(): FakeScreen {
  const lines: string[] = [];
  const works = new Set<() => void>();
  let moving: readonly string[] = [];
  return {
    lines,
    get moving() {
      return moving;
    },
    get isTicking() {
      return works.size > 0;
    },
    write: (line) => {
      // What is written while lines move would be torn.
      lines.push(moving.length === 0 ? line : `TORN ${line}`);
    },
    spinner: {
      show: (shown) => {
        moving = shown;
      },
      stop: () => {
        moving = [];
      },
    },
    repeat: (_ms, work) => {
      works.add(work);
      return () => void works.delete(work);
    },
    tick: () => {
      for (const work of works) work();
    },
  };
}
