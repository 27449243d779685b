import { v } from "../lib/schema.ts";
import type { Airflow, ImportError } from "../stack/service-ports.ts";
import { createAirflowList } from "./airflow-list.ts";
import { putObjects } from "./airflow-objects.ts";
import { createAirflowSession, type AirflowAccount } from "./airflow-session.ts";
import {
  assetEventAnswer,
  componentsFromWire,
  dagAnswer,
  dagFromWire,
  dagRunAnswer,
  dagRunFromWire,
  healthAnswer,
  importErrorAnswer,
  linesFromLogEvent,
  logAnswer,
  pageAnswer,
  taskInstanceAnswer,
  taskInstanceFromWire,
} from "./airflow-wire.ts";

/** Airflow's public REST API, version 2. Every call throws AIRFLOW_REFUSED with what Airflow said. */
export function createAirflowApi(account: AirflowAccount): Airflow {
  const session = createAirflowSession(account);
  const { ask, askUnless } = session;

  const list = createAirflowList(ask);

  const importErrors = async (signal?: AbortSignal): Promise<readonly ImportError[]> => {
    const errors = await list({
      path: "/api/v2/importErrors",
      name: "import_errors",
      item: importErrorAnswer,
      signal,
    });
    return errors.map((error) => ({
      file: error.filename,
      stackTrace: error.stack_trace,
      timestamp: error.timestamp,
    }));
  };

  return {
    importErrors,

    putObjects: async (objects, signal) => {
      await putObjects(objects, session, signal);
    },

    components: async (signal) =>
      componentsFromWire(await ask({ path: "/api/v2/monitor/health", answer: healthAnswer, signal })),

    dags: async (signal) => {
      const query = "&exclude_stale=false&order_by=dag_id";
      const [dags, errors] = await Promise.all([
        list({ path: "/api/v2/dags", query, name: "dags", item: dagAnswer, signal }),
        importErrors(signal),
      ]);
      return dags.flatMap((dag) => dagFromWire(dag, errors) ?? []);
    },

    dag: async (dagId, signal) => {
      const dag = await askUnless(404, { path: dagPath(dagId), answer: dagAnswer, signal });
      return dag === undefined ? undefined : dagFromWire(dag, dag.is_stale ? await importErrors(signal) : []);
    },

    parseFile: async (fileToken, signal) => {
      const path = `/api/v2/parseDagFile/${encodeURIComponent(fileToken)}`;
      // 409: the same request already waits to be served.
      await askUnless(409, { method: "PUT", path, answer: v.unknown(), signal });
    },

    unpause: async (dagId, signal) => {
      await ask({
        method: "PATCH",
        path: dagPath(dagId),
        body: { is_paused: false },
        answer: v.unknown(),
        signal,
      });
    },

    trigger: async (dagId, signal, conf = {}) => {
      // The key must be there. Without a date the run starts now, and any number of runs can be triggered.
      const body = { logical_date: null, conf };
      return dagRunFromWire(
        await ask({ method: "POST", path: `${dagPath(dagId)}/dagRuns`, body, answer: dagRunAnswer, signal }),
      );
    },

    deleteDag: async (dagId, signal) => {
      await askUnless(404, { method: "DELETE", path: dagPath(dagId), answer: v.unknown(), signal });
    },

    dagRun: async (dagId, runId, signal) =>
      dagRunFromWire(await ask({ path: runPath(dagId, runId), answer: dagRunAnswer, signal })),

    latestRuns: async (limit, signal, dagId = "~") => {
      const path = `${runPath(dagId)}?order_by=-run_after&limit=${limit}`;
      const page = await ask({ path, answer: pageAnswer("dag_runs", dagRunAnswer), signal });
      return page.items.map(dagRunFromWire);
    },

    runsStartedBy: async (dagId, runId, signal) => {
      const query = `&source_dag_id=${encodeURIComponent(dagId)}&source_run_id=${encodeURIComponent(runId)}`;
      const events = await list({
        path: "/api/v2/assets/events",
        query,
        name: "asset_events",
        item: assetEventAnswer,
        signal,
      });
      return events
        .flatMap((event) => event.created_dagruns)
        .map((run) => ({ dagId: run.dag_id, runId: run.run_id }));
    },

    taskInstances: async (dagId, runId, signal) => {
      const path = `${runPath(dagId, runId)}/taskInstances`;
      const tasks = await list({ path, name: "task_instances", item: taskInstanceAnswer, signal });
      return tasks.map(taskInstanceFromWire);
    },

    taskLog: async ({ dagId, runId, taskId, mapIndex, tryNumber }, signal) => {
      const task = `${runPath(dagId, runId)}/taskInstances/${encodeURIComponent(taskId)}`;
      const path = `${task}/logs/${tryNumber}?full_content=true&map_index=${mapIndex}`;
      return (await ask({ path, answer: logAnswer, signal })).content.flatMap(linesFromLogEvent);
    },
  };
}

function dagPath(dagId: string): string {
  return `/api/v2/dags/${encodeURIComponent(dagId)}`;
}

function runPath(dagId: string, runId?: string): string {
  const runs = `${dagPath(dagId)}/dagRuns`;
  return runId === undefined ? runs : `${runs}/${encodeURIComponent(runId)}`;
}
