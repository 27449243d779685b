import { v } from "../lib/schema.ts";
import type { ComponentHealth, Dag, DagRun, ImportError, TaskInstance } from "../stack/service-ports.ts";

// The parts of Airflow's public API (v2) that are read here, in its own words.

export const tokenAnswer = v.object({ access_token: v.string() });

const component = v.object({
  status: v.nullish(v.string()),
  latest_scheduler_heartbeat: v.nullish(v.string()),
  latest_triggerer_heartbeat: v.nullish(v.string()),
  latest_dag_processor_heartbeat: v.nullish(v.string()),
});

export const healthAnswer = v.object({
  metadatabase: component,
  scheduler: component,
  triggerer: component,
  dag_processor: v.nullish(component),
});

export const dagAnswer = v.object({
  dag_id: v.string(),
  is_paused: v.boolean(),
  is_stale: v.boolean(),
  relative_fileloc: v.nullish(v.string()),
  fileloc: v.string(),
  file_token: v.string(),
  last_parsed_time: v.nullish(v.string()),
});

export const dagRunAnswer = v.object({
  dag_id: v.string(),
  dag_run_id: v.string(),
  state: v.picklist(["queued", "running", "success", "failed"]),
  start_date: v.nullish(v.string()),
  end_date: v.nullish(v.string()),
});

export const assetEventAnswer = v.object({
  created_dagruns: v.array(v.object({ dag_id: v.string(), run_id: v.string() })),
});

export const taskInstanceAnswer = v.object({
  task_id: v.string(),
  map_index: v.number(),
  state: v.nullish(v.string()),
  try_number: v.number(),
});

export const importErrorAnswer = v.object({
  filename: v.string(),
  stack_trace: v.string(),
  timestamp: v.string(),
});

const exception = v.object({
  exc_type: v.string(),
  exc_value: v.string(),
  frames: v.optional(v.array(v.object({ filename: v.string(), lineno: v.number(), name: v.string() })), []),
});

const logEvent = v.object({ event: v.string(), error_detail: v.nullish(v.array(exception)) });

export const logAnswer = v.object({ content: v.array(v.union([v.string(), logEvent])) });

/** A list comes in pages, under a name of its own. */
export function pageAnswer<TItem extends v.GenericSchema>(name: string, item: TItem) {
  return v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((page) => ({ total: page["total_entries"], items: page[name] })),
    v.object({ total: v.number(), items: v.array(item) }),
  );
}

/** Airflow 2 gives some refusals a title alone. */
export const refusal = v.union([
  v.object({
    detail: v.pipe(
      v.unknown(),
      v.check((detail) => detail !== null),
    ),
    title: v.optional(v.string()),
  }),
  v.object({ detail: v.nullish(v.unknown()), title: v.string() }),
]);

export function componentsFromWire(health: v.InferOutput<typeof healthAnswer>): ComponentHealth[] {
  const { metadatabase, scheduler, triggerer, dag_processor: dagProcessor } = health;
  return [
    { name: "metadatabase", status: statusFromWire(metadatabase.status), latestHeartbeat: undefined },
    {
      name: "scheduler",
      status: statusFromWire(scheduler.status),
      latestHeartbeat: scheduler.latest_scheduler_heartbeat ?? undefined,
    },
    {
      name: "triggerer",
      status: statusFromWire(triggerer.status),
      latestHeartbeat: triggerer.latest_triggerer_heartbeat ?? undefined,
    },
    {
      name: "dag_processor",
      status: statusFromWire(dagProcessor?.status),
      latestHeartbeat: dagProcessor?.latest_dag_processor_heartbeat ?? undefined,
    },
  ];
}

function statusFromWire(status: string | null | undefined): ComponentHealth["status"] {
  return status === "healthy" || status === "unhealthy" ? status : "unknown";
}

/**
 * Airflow calls a DAG stale both when it has left its file and when the file can't be imported.
 * The first is gone, so it becomes `undefined`; the second is what its owner looks for.
 */
export function dagFromWire(
  dag: v.InferOutput<typeof dagAnswer>,
  errors: readonly ImportError[],
): Dag | undefined {
  const file = dag.relative_fileloc ?? dag.fileloc;
  const hasImportErrors = errors.some((error) => error.file === file);
  if (dag.is_stale && !hasImportErrors) return undefined;
  return {
    dagId: dag.dag_id,
    isPaused: dag.is_paused,
    hasImportErrors,
    file,
    fileToken: dag.file_token,
    lastParsed: dag.last_parsed_time ?? undefined,
  };
}

export function dagRunFromWire(run: v.InferOutput<typeof dagRunAnswer>): DagRun {
  return {
    dagId: run.dag_id,
    runId: run.dag_run_id,
    state: run.state,
    startedAt: run.start_date ?? undefined,
    endedAt: run.end_date ?? undefined,
  };
}

export function taskInstanceFromWire(task: v.InferOutput<typeof taskInstanceAnswer>): TaskInstance {
  return {
    taskId: task.task_id,
    mapIndex: task.map_index,
    state: task.state ?? "none",
    tryNumber: task.try_number,
  };
}

/** One log event as text; Airflow keeps a Python trace apart from its message. */
export function linesFromLogEvent(event: v.InferOutput<typeof logAnswer>["content"][number]): string[] {
  if (typeof event === "string") return event.split("\n");
  // Marks that only fold lines in the web page.
  if (event.event.startsWith("::group::") || event.event.startsWith("::endgroup::")) return [];
  return [...event.event.split("\n"), ...(event.error_detail ?? []).flatMap(linesFromException)];
}

function linesFromException({ exc_type, exc_value, frames }: v.InferOutput<typeof exception>): string[] {
  return [
    ...frames.map(({ filename, lineno, name }) => `  File "${filename}", line ${lineno}, in ${name}`),
    ...`${exc_type}: ${exc_value}`.split("\n"),
  ];
}
