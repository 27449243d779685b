import { v } from "../lib/schema.ts";
import type { Dag, ImportError } from "../stack/service-ports.ts";
import type { importErrorAnswer } from "./airflow-wire.ts";

// What Airflow's public API (v1) says in other words than v2 does.

export const classicDagAnswer = v.object({
  dag_id: v.string(),
  is_paused: v.nullish(v.boolean()),
  is_active: v.nullish(v.boolean()),
  has_import_errors: v.nullish(v.boolean()),
  fileloc: v.string(),
  file_token: v.string(),
  last_parsed_time: v.nullish(v.string()),
});

export const datasetEventAnswer = v.object({
  created_dagruns: v.array(v.object({ dag_id: v.string(), dag_run_id: v.string() })),
});

/** Undefined for a DAG that has left its file; one whose file can't be imported is what its owner looks for. */
export function dagFromClassic(
  dag: v.InferOutput<typeof classicDagAnswer>,
  folders: readonly string[],
): Dag | undefined {
  const hasImportErrors = dag.has_import_errors === true;
  if (dag.is_active !== true && !hasImportErrors) return undefined;
  return {
    dagId: dag.dag_id,
    isPaused: dag.is_paused === true,
    hasImportErrors,
    file: withoutFolder(dag.fileloc, folders),
    fileToken: dag.file_token,
    lastParsed: dag.last_parsed_time ?? undefined,
  };
}

export function importErrorFromClassic(
  { filename, stack_trace, timestamp }: v.InferOutput<typeof importErrorAnswer>,
  folders: readonly string[],
): ImportError {
  return { file: withoutFolder(filename, folders), stackTrace: stack_trace, timestamp };
}

/** Paths are absolute here: cut off the first of the DAG folders that fits. */
function withoutFolder(path: string, folders: readonly string[]): string {
  const folder = folders.find((one) => path.startsWith(`${one}/`));
  return folder === undefined ? path : path.slice(folder.length + 1);
}

// Where it found the log, and what it notes before and after the task's own words.
const notes =
  /^(?:\*\*\* |\[[^\]]+\] \{(?:task_command|taskinstance|standard_task_runner|local_task_job_runner)\.py:\d+\} )/u;

/** What the task itself had to say, so that an error is the last of it. */
export function linesFromClassicLog(text: string): string[] {
  const [host = "", ...lines] = text.trimEnd().split("\n");
  const said = lines.filter((line) => !notes.test(line));
  // A task that said nothing leaves Airflow's notes alone.
  return said.length > 0 ? said : [host, ...lines];
}
