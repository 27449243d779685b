import type { PauseResult, ResumeResult } from "../../stack/pause.ts";
import type { Paint } from "../colors.ts";
import { formatDuration } from "../format.ts";

export function renderPause({ project, paused }: PauseResult, paint: Paint): string {
  const headline =
    paused.length === 0
      ? `The stack ${project} was paused already.`
      : `The stack ${project} is paused: ${paused.length} containers frozen.`;
  return `${paint.bold(headline)}\n\`stack resume\` has it back in a second.`;
}

export function renderResume(
  { project, resumed, elapsedMs, tasks, watchedMs }: ResumeResult,
  paint: Paint,
): string {
  const headline =
    resumed.length === 0
      ? `The stack ${project} was not paused.`
      : `The stack ${project} is back, checked after ${formatDuration(elapsedMs)}.`;
  if (tasks.length === 0) return paint.bold(headline);
  const watched = `Tasks that were at work, watched for ${formatDuration(watchedMs)} after that:`;
  const lines = tasks.map(({ dagId, taskId, fate }) => `  ${dagId}.${taskId} ${fate}`);
  return [paint.bold(headline), watched, ...lines].join("\n");
}
