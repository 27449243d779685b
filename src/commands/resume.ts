import type { Context } from "../context.ts";
import { StackError } from "../lib/errors.ts";
import { thaw, type ResumeResult } from "../stack/pause.ts";
import { proveHops } from "../stack/probes/prove-hops.ts";
import { appliedSpec } from "../stack/project.ts";
import { followTasks } from "../stack/resume-tasks.ts";
import { requireSecrets } from "../stack/stack-folder.ts";
import { noteAtWork } from "../stack/tasks-at-work.ts";

/** Throws STACK_NOT_RUNNING, or PROBE_FAILED when the stack doesn't work after all. */
export async function resume(context: Context): Promise<ResumeResult> {
  const { clock, emit, signal } = context;
  const startedMs = clock.nowMs();
  const project = await context.project();
  const spec = appliedSpec(project);
  // Kept until it is told: a `resume` that was cut short leaves it to the next.
  const { atWork = [] } = project.state ?? {};
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
  const isToFollow = resumed.length + atWork.length > 0;
  const { airflow } = clients;
  const told = isToFollow
    ? await followTasks(atWork, elapsedMs, { airflow, clock, emit, signal })
    : { tasks: [], watchedMs: 0 };
  await noteAtWork(files, []);
  return { project: spec.project, resumed, probes, elapsedMs, ...told };
}
