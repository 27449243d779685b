import type { Context } from "../context.ts";
import { StackError } from "../lib/errors.ts";
import { followTasks, thaw, type ResumeResult } from "../stack/pause.ts";
import { proveHops } from "../stack/probes/prove-hops.ts";
import { appliedSpec } from "../stack/project.ts";
import { requireSecrets } from "../stack/stack-folder.ts";

/** Throws STACK_NOT_RUNNING, or PROBE_FAILED when the stack doesn't work after all. */
export async function resume(context: Context): Promise<ResumeResult> {
  const { clock, emit, signal } = context;
  const startedMs = clock.nowMs();
  const spec = appliedSpec(await context.project());
  const [engine, system, files] = await Promise.all([context.engine(), context.system(), context.files()]);
  if ((await engine.containers(spec.project)).length === 0) {
    throw new StackError(
      "STACK_NOT_RUNNING",
      `There is nothing to resume: the stack ${spec.project} is down.`,
      {
        hint: "Start it with `stack up`.",
      },
    );
  }
  const clients = await context.clients(spec, await requireSecrets(files));
  const resumed = await thaw(spec.project, engine);
  const probes = await proveHops(spec, { engine, system, clients, clock, emit, signal });
  const elapsedMs = Math.round(clock.nowMs() - startedMs);
  const tasks = resumed.length === 0 ? [] : await followTasks(clients.airflow, clock, signal);
  return { project: spec.project, resumed, probes, elapsedMs, tasks };
}
