import type { StackEvent, StepEvent } from "../stack/events.ts";
import type { Paint } from "./colors.ts";
import { formatDuration } from "./format.ts";
import type { Spinner } from "./spinner.ts";

export interface Narrator {
  emit(event: StackEvent): void;
  /** Clears what moves, so that something else can be written. */
  stop(): void;
}

export interface NarratorOptions {
  readonly write: (line: string) => void;
  readonly paint: Paint;
  /** Only on a terminal. */
  readonly spinner: Spinner | undefined;
  readonly nowMs: () => number;
  /** Calls `work` every so often until the function that it returns is called. */
  readonly repeat: (ms: number, work: () => void) => () => void;
}

// Without a terminal every line stays, so a step that goes on speaks only now and then.
const quietMs = 10_000;

/** Tells what happens as lines of text, with one moving line for each step at work when there is a terminal. */
export function createNarrator({ write, paint, spinner, nowMs, repeat }: NarratorOptions): Narrator {
  const active = new Map<string, { readonly event: StepEvent; readonly startedMs: number }>();
  const lastSaid = new Map<string, { readonly text: string; readonly atMs: number }>();
  let stopTicking: (() => void) | undefined;

  const line = (text: string): void => {
    spinner?.stop();
    write(text);
    draw();
  };
  const draw = (): void => {
    spinner?.show(
      [...active.values()].map(({ event, startedMs }) => {
        const elapsed = paint.dim(formatDuration(nowMs() - startedMs));
        return `${event.text} ${event.detail ?? ""} ${elapsed}`.replaceAll(/ {2,}/gu, " ");
      }),
    );
  };
  const sayProgress = (event: StepEvent): void => {
    if (spinner !== undefined) return;
    const text = [event.text, event.detail ?? ""].join(" ").trim();
    const last = lastSaid.get(event.id);
    if (last !== undefined && (last.text === text || nowMs() - last.atMs < quietMs)) return;
    lastSaid.set(event.id, { text, atMs: nowMs() });
    const elapsed = event.elapsedMs === undefined ? "" : ` (${formatDuration(event.elapsedMs)})`;
    write(`${paint.dim("…")} ${text}${elapsed}`);
  };

  const step = (event: StepEvent): void => {
    if (event.status === "started" || event.status === "progress") {
      active.set(event.id, {
        event,
        startedMs: active.get(event.id)?.startedMs ?? nowMs() - (event.elapsedMs ?? 0),
      });
      sayProgress(event);
      if (spinner !== undefined) stopTicking ??= repeat(1000, draw);
      draw();
      return;
    }
    active.delete(event.id);
    const mark = { done: paint.green("✔"), unchanged: paint.dim("="), failed: paint.red("✖") }[event.status];
    const elapsed = event.elapsedMs === undefined ? "" : paint.dim(` ${formatDuration(event.elapsedMs)}`);
    const detail = event.detail === undefined ? "" : ` ${paint.dim(event.detail)}`;
    line(`${mark} ${event.text}${detail}${elapsed}`);
  };

  return {
    emit: (event) => {
      if (event.kind === "step") step(event);
      else line(event.level === "warning" ? `${paint.yellow("!")} ${event.text}` : `  ${event.text}`);
    },
    stop: () => {
      stopTicking?.();
      stopTicking = undefined;
      active.clear();
      spinner?.stop();
    },
  };
}
