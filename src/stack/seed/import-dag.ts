import { StackError } from "../../lib/errors.ts";
import { pollUntil } from "../../lib/poll.ts";
import type { Dag, ImportError } from "../service-ports.ts";
import type { DagPlan } from "./place-dag.ts";
import type { RunDeps } from "./seed-types.ts";

const POLL_MS = 250;
// Airflow looks for edits every second or two; an error that outlives this is about the file as it is now.
const OLD_ERROR_MS = 6_000;
const TRACE_LINES = 12;

/** Waits for several DAGs at once, as `importDag` does; the first that fails ends the wait for all. */
export async function importDags(
  deps: RunDeps,
  plans: readonly DagPlan[],
  deadlineMs: number,
): Promise<void> {
  const others = new AbortController();
  const signal = AbortSignal.any([deps.signal, others.signal]);
  try {
    await Promise.all(plans.map((plan) => importDag({ ...deps, signal }, plan, deadlineMs)));
  } finally {
    others.abort();
  }
}

/**
 * Waits until Airflow has read the DAG's file as it is now, and makes it read the file at once if it can.
 * Throws DAG_IMPORT_FAILED with the file and line of the fault, or WAIT_TIMEOUT.
 */
export async function importDag(deps: RunDeps, plan: DagPlan, deadlineMs: number): Promise<Dag> {
  const { airflow, clock, emit, signal } = deps;
  const id = `import:${plan.dagId}`;
  const startedMs = clock.nowMs();
  emit({ kind: "step", id, status: "started", text: `Airflow reads ${plan.file}` });

  const before = await look(deps, plan);
  if (before.dag !== undefined) await airflow.parseFile(before.dag.fileToken, signal);

  const dag = await pollUntil(
    async () => {
      const now = await look(deps, plan);
      const isOldError = now.error?.timestamp === before.error?.timestamp;
      if (now.error !== undefined && (!isOldError || clock.nowMs() - startedMs > OLD_ERROR_MS)) {
        throw importFailed(deps, plan, now.error);
      }
      const isParsedAgain = now.dag?.lastParsed !== before.dag?.lastParsed;
      return now.error === undefined && isParsedAgain ? now.dag : undefined;
    },
    {
      clock,
      intervalMs: POLL_MS,
      timeoutMs: Math.round(deadlineMs - startedMs),
      signal,
      describe: () => `Airflow has not read ${plan.file} with the DAG ${plan.dagId} in it`,
    },
  );
  emit({
    kind: "step",
    id,
    status: "done",
    text: `Airflow has read ${plan.file}`,
    elapsedMs: Math.round(clock.nowMs() - startedMs),
  });
  return dag;
}

interface Look {
  readonly dag: Dag | undefined;
  readonly error: ImportError | undefined;
}

async function look({ airflow, signal }: RunDeps, { dagId, file }: DagPlan): Promise<Look> {
  const [dag, errors] = await Promise.all([airflow.dag(dagId, signal), airflow.importErrors(signal)]);
  return { dag, error: errors.find((error) => error.file === file) };
}

function importFailed({ files, target }: RunDeps, { dagId, file }: DagPlan, error: ImportError): StackError {
  const path = `${target.dagsDir}/${file}`;
  const trace = error.stackTrace.trimEnd().split("\n");
  const line = lineOfFault(trace, file);
  const where = line === undefined ? path : `${path}, line ${line}`;
  return new StackError(
    "DAG_IMPORT_FAILED",
    `Airflow cannot import ${where}: ${trace.at(-1) ?? "no reason given"}.`,
    {
      hint: `Edit ${files.absolute(path)}, then run \`stack seed ${dagId}\` again.`,
      facts: { file: path, ...(line === undefined ? {} : { line }), trace: trace.slice(-TRACE_LINES) },
    },
  );
}

/** The line of the DAG's own file that is nearest to the fault; the frames below it are in libraries. */
function lineOfFault(trace: readonly string[], file: string): number | undefined {
  const frame = trace.findLast((line) => line.includes(`/${file}", line `));
  const digits = frame === undefined ? undefined : /", line (\d+)/u.exec(frame)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
