import { StackError } from "../../src/lib/errors.ts";
import type { Clock } from "../../src/lib/clock.ts";
import type {
  Airflow,
  AirflowObjects,
  Dag,
  DagRun,
  ImportError,
  TaskInstance,
} from "../../src/stack/service-ports.ts";

export interface FakeDag {
  readonly tasks: readonly string[];
  /** The task that fails, and what its log says then. */
  readonly failing?: { readonly taskId: string; readonly log: readonly string[] };
  /** DAGs that are scheduled on an asset that this one updates. */
  readonly starts?: readonly string[];
  /** What a run does when it succeeds. */
  readonly onSuccess?: (runId: string) => void;
}

export interface ImportFault {
  readonly error: string;
}

export interface FakeAirflowOptions {
  readonly clock: Clock;
  /** What a DAG file holds: DAGs by id, or the error that Python raises. */
  readonly readFile: (file: string, text: string) => Readonly<Record<string, FakeDag>> | ImportFault;
  /** How long after a change a file is read. */
  readonly readAfterMs?: number;
  readonly secondsPerTask?: number;
}

export interface FakeAirflow extends Airflow {
  /** What was put last. */
  readonly objects: AirflowObjects | undefined;
  /** Puts a file in the DAG folder, or takes it away. */
  putFile(file: string, text: string | undefined): void;
  /** Ids of the runs of one DAG, oldest first. */
  runIds(dagId: string): readonly string[];
}

interface FileReading {
  readonly atMs: number;
  readonly dags: Readonly<Record<string, FakeDag>>;
  /** When it could last be imported. */
  readonly importedMs: number;
  readonly error?: string;
}

interface FileState {
  text: string;
  /** When the DAG processor comes to it next. */
  dueMs: number | undefined;
  read?: FileReading;
}

interface KnownDag {
  readonly dag: Dag;
  readonly definition: FakeDag;
}

interface RunRecord {
  readonly dag: FakeDag;
  readonly dagId: string;
  readonly runId: string;
  readonly triggeredMs: number;
  /** The runs that it started when it succeeded. */
  readonly started: RunRecord[];
  hasSucceeded: boolean;
}

/** An Airflow whose DAG processor, scheduler and tasks go by the clock that it is given. */
export function createFakeAirflow(options: FakeAirflowOptions): FakeAirflow {
  const { clock, readFile, readAfterMs = 500, secondsPerTask = 1 } = options;
  const files = new Map<string, FileState>();
  const unpaused = new Set<string>();
  const runs: RunRecord[] = [];
  const iso = (ms: number) => new Date(ms).toISOString();

  const readFiles = () => {
    for (const [file, state] of files) {
      if (state.dueMs === undefined || clock.nowMs() < state.dueMs) continue;
      const found = readFile(file, state.text);
      const atMs = clock.nowMs();
      state.dueMs = undefined;
      state.read = isError(found)
        ? { dags: {}, importedMs: 0, ...state.read, atMs, error: found.error }
        : { dags: found, importedMs: atMs, atMs };
    }
  };

  const allDags = (): readonly KnownDag[] => {
    readFiles();
    return [...files].flatMap(([file, { read }]) =>
      Object.entries(read?.dags ?? {}).map(([dagId, definition]) => ({
        definition,
        dag: {
          dagId,
          isPaused: !unpaused.has(dagId),
          hasImportErrors: read?.error !== undefined,
          file,
          fileToken: `token of ${file}`,
          lastParsed: iso(read?.importedMs ?? 0),
        },
      })),
    );
  };
  const tasksOf = ({ dag, triggeredMs }: RunRecord): readonly TaskInstance[] => {
    const begun = Math.floor((clock.nowMs() - triggeredMs) / (secondsPerTask * 1000));
    const failsAt =
      dag.failing === undefined ? Number.POSITIVE_INFINITY : dag.tasks.indexOf(dag.failing.taskId);
    const state = (index: number) => {
      if (index > begun) return "none";
      if (index > failsAt) return "upstream_failed";
      if (index === begun) return "running";
      return index === failsAt ? "failed" : "success";
    };
    return dag.tasks.map((taskId, index) => ({ taskId, mapIndex: -1, state: state(index), tryNumber: 1 }));
  };

  const addRun = (kind: string, dagId: string, dag: FakeDag): RunRecord => {
    const runId = `${kind}__${iso(clock.nowMs() + runs.length).replace("Z", "+00:00")}`;
    const record = { dag, dagId, runId, triggeredMs: clock.nowMs(), started: [], hasSucceeded: false };
    runs.push(record);
    return record;
  };

  const observe = (record: RunRecord): DagRun => {
    const { dagId, runId, triggeredMs, dag } = record;
    const states = tasksOf(record).map(({ state }) => state);
    const isOver = states.every((state) => state === "success" || state.endsWith("failed"));
    const state = !isOver ? "running" : states.includes("failed") ? "failed" : "success";
    if (state === "success" && !record.hasSucceeded) {
      record.hasSucceeded = true;
      dag.onSuccess?.(runId);
      // An event finds nobody but the DAGs that are there, and not paused.
      for (const next of dag.starts ?? []) {
        const known = allDags().find((one) => one.dag.dagId === next && !one.dag.isPaused);
        if (known !== undefined) record.started.push(addRun("asset_triggered", next, known.definition));
      }
    }
    return {
      dagId,
      runId,
      state,
      startedAt: iso(triggeredMs),
      endedAt: isOver ? iso(clock.nowMs()) : undefined,
    };
  };

  const findRun = (dagId: string, runId: string): RunRecord => {
    const found = runs.find((run) => run.dagId === dagId && run.runId === runId);
    if (found === undefined)
      throw refused(`The DagRun with dag_id: \`${dagId}\` and run_id: \`${runId}\` was not found`);
    return found;
  };

  const answer = async <T>(signal: AbortSignal | undefined, give: () => T): Promise<T> => {
    if (signal?.aborted) throw new StackError("INTERRUPTED", "Interrupted.");
    return give();
  };

  let objects: AirflowObjects | undefined;
  return {
    get objects() {
      return objects;
    },
    putObjects: (given, signal) =>
      answer(signal, () => {
        objects = given;
      }),
    deleteDag: (dagId, signal) =>
      answer(signal, () => {
        const isAtWork = runs.some(
          (run) => run.dagId === dagId && tasksOf(run).some(({ state }) => state === "running"),
        );
        if (isAtWork) throw refused(`Task instances of dag with id: '${dagId}' are still running`, 409);
        runs.splice(0, Infinity, ...runs.filter((run) => run.dagId !== dagId));
      }),
    putFile: (file, text) => {
      const old = files.get(file);
      if (text === undefined) files.delete(file);
      else files.set(file, { ...old, text, dueMs: clock.nowMs() + readAfterMs });
    },
    runIds: (dagId) => runs.filter((run) => run.dagId === dagId).map(({ runId }) => runId),

    components: (signal) =>
      answer(signal, () => [
        { name: "metadatabase", status: "healthy", latestHeartbeat: undefined },
        { name: "scheduler", status: "healthy", latestHeartbeat: iso(clock.nowMs()) },
        { name: "triggerer", status: "healthy", latestHeartbeat: iso(clock.nowMs()) },
        { name: "dag_processor", status: "healthy", latestHeartbeat: iso(clock.nowMs()) },
      ]),
    dags: (signal) => answer(signal, () => allDags().map(({ dag }) => dag)),
    dag: (dagId, signal) => answer(signal, () => allDags().find(({ dag }) => dag.dagId === dagId)?.dag),
    importErrors: (signal) =>
      answer(signal, () => {
        readFiles();
        return [...files].flatMap(([file, { read }]): ImportError[] =>
          read?.error === undefined ? [] : [{ file, stackTrace: read.error, timestamp: iso(read.atMs) }],
        );
      }),
    parseFile: (fileToken, signal) =>
      answer(signal, () => {
        const state = files.get(fileToken.replace("token of ", ""));
        if (state !== undefined) state.dueMs = clock.nowMs() + readAfterMs;
      }),
    unpause: (dagId, signal) => answer(signal, () => void unpaused.add(dagId)),
    trigger: (dagId, signal) =>
      answer(signal, () => {
        const known = allDags().find(({ dag }) => dag.dagId === dagId);
        if (known === undefined) throw refused(`Dag with dag_id: '${dagId}' not found`);
        const { runId } = addRun("manual", dagId, known.definition);
        return { dagId, runId, state: "queued", startedAt: undefined, endedAt: undefined };
      }),
    dagRun: (dagId, runId, signal) => answer(signal, () => observe(findRun(dagId, runId))),
    latestRuns: (limit, signal, dagId) =>
      answer(signal, () => {
        const wanted = runs.filter((run) => dagId === undefined || run.dagId === dagId);
        return wanted.toReversed().slice(0, limit).map(observe);
      }),
    runsStartedBy: (dagId, runId, signal) =>
      answer(signal, () =>
        runs
          .filter((run) => run.dagId === dagId && run.runId === runId)
          .flatMap(({ started }) => started.map((one) => ({ dagId: one.dagId, runId: one.runId }))),
      ),
    taskInstances: (dagId, runId, signal) => answer(signal, () => tasksOf(findRun(dagId, runId))),
    taskLog: ({ dagId, runId, taskId }, signal) =>
      answer(signal, () => {
        const { failing } = findRun(dagId, runId).dag;
        return failing?.taskId === taskId ? failing.log : [`${taskId} is done`];
      }),
  };
}

function isError(found: Readonly<Record<string, FakeDag>> | ImportFault): found is ImportFault {
  return typeof found.error === "string";
}

function refused(detail: string, status = 404): StackError {
  return new StackError("AIRFLOW_REFUSED", `Airflow refused the request: ${detail} (${status}).`, {
    facts: { status },
  });
}
