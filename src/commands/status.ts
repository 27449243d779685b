import type { Context } from "../context.ts";
import { createBell } from "../lib/bell.ts";
import { StackError, toStackError } from "../lib/errors.ts";
import { appliedSpec } from "../stack/project.ts";
import { serviceTarget } from "../stack/service-target.ts";
import { requireSecrets } from "../stack/stack-folder.ts";
import type { StatusReport } from "../stack/status-report.ts";
import { readStatus, type Status } from "../stack/status.ts";
import { watchServices } from "../stack/watch-services.ts";

export async function status(context: Context): Promise<Status> {
  const spec = appliedSpec(await context.project());
  const [engine, system, files] = await Promise.all([context.engine(), context.system(), context.files()]);
  const { clock, signal } = context;
  const secrets = await requireSecrets(files).catch(toStackError);
  const connect = secrets instanceof StackError ? secrets : async () => await context.clients(spec, secrets);
  return await readStatus(spec, { engine, system, connect, clock, signal });
}

const watchEveryMs = 2000;

/** Reports every two seconds, and when something goes wrong, until the signal aborts; then throws INTERRUPTED. */
export async function watchStatus(context: Context, show: (report: StatusReport) => void): Promise<never> {
  const { emit } = context;
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const bell = createBell(context.clock);
  const watch = watchServices(serviceTarget(appliedSpec(await context.project())), {
    engine: await context.engine(),
    emit,
    signal,
    onIncident: bell.ring,
  });
  try {
    for (;;) {
      watch.open();
      const { report } = await status(context);
      show({ ...report, incidents: watch.incidents() });
      await bell.sleep(watchEveryMs, signal);
    }
  } finally {
    // An open stream would keep the process.
    stop.abort();
  }
}
