import type { Clock } from "../lib/clock.ts";
import { StackError } from "../lib/errors.ts";
import type { Emit } from "./events.ts";
import type { ProjectFiles } from "./ports.ts";
import { timingsPath } from "./stack-folder.ts";
import { parseHistory, renderHistory, type StartRecord, type Timeline } from "./timeline.ts";

/** Keeps it for `stack timings`; a stack that runs is none the worse when that can't be done. */
export async function recordStart(
  record: StartRecord,
  { files, emit }: { readonly files: ProjectFiles; readonly emit: Emit },
): Promise<void> {
  try {
    const text = await files.read(timingsPath);
    const history = parseHistory(text);
    if (text !== undefined && history.length === 0) {
      const damage = `${timingsPath} is damaged; the record of starts begins anew`;
      emit({ kind: "note", level: "warning", text: damage });
    }
    await files.write(timingsPath, renderHistory([...history, record]));
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    const text = `the time that this start took is not kept: ${error.message} ${error.hint ?? ""}`.trim();
    emit({ kind: "note", level: "warning", text });
  }
}

export interface FailureDeps {
  readonly files: ProjectFiles;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Does a part of a start; of one that fails by itself the time is kept as well. What was the matter is told by its error alone. */
export async function recordingFailure<T>(
  { timeline, startedMs }: { readonly timeline: Timeline; readonly startedMs: number },
  { files, clock, signal }: FailureDeps,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StackError && !signal.aborted) {
      const totalMs = Math.round(clock.nowMs() - startedMs);
      const { code } = error;
      const record = { startedAtMs: Math.round(startedMs), kind: "failed", code, totalMs } as const;
      await recordStart({ ...record, phases: timeline.phases() }, { files, emit: () => undefined });
    }
    throw error;
  }
}
