import type { Context } from "../context.ts";
import { airflowServices } from "../stack/layout.ts";
import { pauseStack, type PauseResult } from "../stack/pause.ts";
import { appliedSpec } from "../stack/project.ts";
import { requireSecrets } from "../stack/stack-folder.ts";
import { askAtWork, noteAtWork } from "../stack/tasks-at-work.ts";

/**
 * Notes which tasks are at work before it freezes them, for `resume`: Airflow may give one up before anybody can ask
 * it again. Throws STACK_NOT_RUNNING.
 */
export async function pause(context: Context): Promise<PauseResult> {
  const { clock, signal } = context;
  const spec = appliedSpec(await context.project());
  const [engine, files] = await Promise.all([context.engine(), context.files()]);
  const connect = async () => (await context.clients(spec, await requireSecrets(files))).airflow;
  return await pauseStack(spec.project, engine, signal, async (services) => {
    // An Airflow that is frozen already can't be asked, and what was noted when it was still holds.
    if (!services.includes(airflowServices(spec).api)) return;
    await noteAtWork(files, await askAtWork({ clock, signal, connect }));
  });
}
