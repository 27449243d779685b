import type { Context } from "../context.ts";
import { appliedSpec } from "../stack/project.ts";
import { readSecrets } from "../stack/stack-folder.ts";
import type { StatusReport } from "../stack/status-report.ts";
import { readStatus, type Status } from "../stack/status.ts";

export async function status(context: Context): Promise<Status> {
  const spec = appliedSpec(await context.project());
  const [engine, system, files] = await Promise.all([context.engine(), context.system(), context.files()]);
  const secrets = await readSecrets(files);
  // Loading them goes on beside the first look at the containers; a failure is told by whoever needs them.
  const clients = secrets === undefined ? undefined : context.clients(spec, secrets);
  clients?.catch(() => undefined);
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
