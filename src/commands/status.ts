import type { Context } from "../context.ts";
import { appliedSpec } from "../stack/project.ts";
import { readSecrets } from "../stack/stack-folder.ts";
import type { StatusReport } from "../stack/status-report.ts";
import { readStatus, type Status } from "../stack/status.ts";

export async function status(context: Context): Promise<Status> {
  const spec = appliedSpec(await context.project());
  const [engine, system, files] = await Promise.all([context.engine(), context.system(), context.files()]);
  const secrets = await readSecrets(files);
  const clients = secrets === undefined ? undefined : await context.clients(spec, secrets);
  return await readStatus(spec, {
    engine,
    system,
    files,
    clients,
    clock: context.clock,
    signal: context.signal,
  });
}

const watchEveryMs = 2000;

/** Reports until the signal aborts; then throws INTERRUPTED. */
export async function watchStatus(context: Context, show: (report: StatusReport) => void): Promise<never> {
  for (;;) {
    show((await status(context)).report);
    await context.clock.sleep(watchEveryMs, context.signal);
  }
}
