/** What happens while a command works; the domain emits, a reporter renders. */
export type StackEvent = StepEvent | NoteEvent;

export interface StepEvent {
  readonly kind: "step";
  /** Stable within one command, so that a renderer can replace a step's line: "image:minio". */
  readonly id: string;
  readonly status: "started" | "progress" | "done" | "unchanged" | "failed";
  readonly text: string;
  readonly detail?: string;
  readonly elapsedMs?: number;
}

export interface NoteEvent {
  readonly kind: "note";
  readonly level: "info" | "warning";
  readonly text: string;
}

export type Emit = (event: StackEvent) => void;
