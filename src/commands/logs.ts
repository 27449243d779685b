import type { Context } from "../context.ts";
import { StackError } from "../lib/errors.ts";
import { readLogs, type LogQuery, type ServiceLine } from "../stack/logs/read-logs.ts";
import { readTaskLog, type TaskLine, type TaskQuery } from "../stack/logs/task-log.ts";
import { appliedSpec } from "../stack/project.ts";
import { requireSecrets } from "../stack/stack-folder.ts";

export interface LogsOptions extends Pick<LogQuery, "services" | "tail" | "follow"> {
  /** How far back, milliseconds; undefined for the beginning. */
  readonly ageMs: number | undefined;
}

/** Gives the services' lines one by one. Throws STACK_NOT_RUNNING, or USAGE for an unknown service. */
export async function logs(
  context: Context,
  { services, tail, ageMs, follow }: LogsOptions,
  onLine: (line: ServiceLine) => void,
): Promise<void> {
  const { project } = appliedSpec(await context.project());
  const engine = await context.engine();
  const sinceMs = ageMs === undefined ? undefined : context.clock.nowMs() - ageMs;
  const query = { project, services, tail, sinceMs, follow };
  await readLogs(query, { engine, signal: context.signal, onLine });
}

/** Gives a task's lines one by one. Throws STACK_NOT_RUNNING, and what `readTaskLog` throws. */
export async function taskLogs(
  context: Context,
  query: TaskQuery,
  onLine: (line: TaskLine) => void,
): Promise<void> {
  const spec = appliedSpec(await context.project());
  const [engine, files] = await Promise.all([context.engine(), context.files()]);
  const containers = await engine.containers(spec.project);
  if (!containers.some(({ state }) => state === "running")) {
    throw new StackError(
      "STACK_NOT_RUNNING",
      `Airflow keeps the logs of tasks, and the stack ${spec.project} is not running.`,
      { hint: "Start it with `stack up`." },
    );
  }
  const { airflow } = await context.clients(spec, await requireSecrets(files));
  const { clock, signal } = context;
  await readTaskLog(query, { airflow, clock, signal, onLine });
}
