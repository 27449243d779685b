import type { Context } from "../context.ts";
import { pauseStack, type PauseResult } from "../stack/pause.ts";
import { appliedSpec } from "../stack/project.ts";

/** Throws STACK_NOT_RUNNING. */
export async function pause(context: Context): Promise<PauseResult> {
  const { project } = appliedSpec(await context.project());
  return await pauseStack(project, await context.engine(), context.signal);
}
