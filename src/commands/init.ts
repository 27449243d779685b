import type { Context } from "../context.ts";
import { initProject, type InitResult } from "../stack/init/init-project.ts";

/** Throws CONFIG_NOT_FOUND when a folder isn't there, CONFIG_INVALID for a file that `up` would refuse. */
export async function init(context: Context, from: string | undefined): Promise<InitResult> {
  const [project, files, system] = await Promise.all([context.project(), context.files(), context.system()]);
  const source = from === undefined ? undefined : await context.filesAt(from);
  return await initProject(project, files, source, system.digest);
}
