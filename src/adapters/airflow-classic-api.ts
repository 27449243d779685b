import { v } from "../lib/schema.ts";
import type { Airflow } from "../stack/service-ports.ts";
import { createBasicSession } from "./airflow-basic-session.ts";
import { putClassicObjects } from "./airflow-classic-objects.ts";
import {
  classicDagAnswer,
  dagFromClassic,
  datasetEventAnswer,
  importErrorFromClassic,
  linesFromClassicLog,
} from "./airflow-classic-wire.ts";
import { createAirflowList } from "./airflow-list.ts";
import type { AirflowAccount } from "./airflow-session.ts";
import {
  componentsFromWire,
  dagRunAnswer,
  dagRunFromWire,
  healthAnswer,
  importErrorAnswer,
  pageAnswer,
  taskInstanceAnswer,
  taskInstanceFromWire,
} from "./airflow-wire.ts";

export interface ClassicAirflowOptions extends AirflowAccount {
  /** Absolute paths in Airflow's containers, an inner folder before the one it lies in. */
  readonly dagFolders: readonly string[];
}

/** Airflow's public REST API, version 1, of Airflow 2. Every call throws AIRFLOW_REFUSED with what Airflow said. */
export function createClassicAirflowApi({ dagFolders, ...account }: ClassicAirflowOptions): Airflow {
  const session = createBasicSession(account);
  const { ask, askUnless, askText } = session;
  const list = createAirflowList(ask);

  return {
    importErrors: async (signal) => {
      const page = { path: "/api/v1/importErrors", name: "import_errors", item: importErrorAnswer, signal };
      return (await list(page)).map((error) => importErrorFromClassic(error, dagFolders));
    },

    putObjects: async (objects, signal) => {
      await putClassicObjects(objects, session, signal);
    },

    // The scheduler reads DAG files by itself: there is no other component that would.
    components: async (signal) =>
      componentsFromWire(await ask({ path: "/api/v1/health", answer: healthAnswer, signal })).filter(
        ({ name }) => name !== "dag_processor",
      ),

    dags: async (signal) => {
      const query = "&only_active=false&order_by=dag_id";
      const dags = await list({ path: "/api/v1/dags", query, name: "dags", item: classicDagAnswer, signal });
      return dags.flatMap((dag) => dagFromClassic(dag, dagFolders) ?? []);
    },

    dag: async (dagId, signal) => {
      const dag = await askUnless(404, { path: dagPath(dagId), answer: classicDagAnswer, signal });
      return dag === undefined ? undefined : dagFromClassic(dag, dagFolders);
    },

    // There is no such call: Airflow reads a file that hasn't changed again after a few seconds.
    parseFile: async () => undefined,

    unpause: async (dagId, signal) => {
      const body = { is_paused: false };
      await ask({ method: "PATCH", path: dagPath(dagId), body, answer: v.unknown(), signal });
    },

    trigger: async (dagId, signal, conf = {}) => {
      const path = `${dagPath(dagId)}/dagRuns`;
      return dagRunFromWire(
        await ask({ method: "POST", path, body: { conf }, answer: dagRunAnswer, signal }),
      );
    },

    deleteDag: async (dagId, signal) => {
      await askUnless(404, { method: "DELETE", path: dagPath(dagId), answer: v.unknown(), signal });
    },

    dagRun: async (dagId, runId, signal) =>
      dagRunFromWire(await ask({ path: runPath(dagId, runId), answer: dagRunAnswer, signal })),

    latestRuns: async (limit, signal, dagId = "~") => {
      const path = `${dagPath(dagId)}/dagRuns?order_by=-id&limit=${limit}`;
      const page = await ask({ path, answer: pageAnswer("dag_runs", dagRunAnswer), signal });
      return page.items.map(dagRunFromWire);
    },

    runsStartedBy: async (dagId, runId, signal) => {
      const query = `&source_dag_id=${encodeURIComponent(dagId)}&source_run_id=${encodeURIComponent(runId)}`;
      const path = "/api/v1/datasets/events";
      const events = await list({ path, query, name: "dataset_events", item: datasetEventAnswer, signal });
      return events
        .flatMap((event) => event.created_dagruns)
        .map((run) => ({ dagId: run.dag_id, runId: run.dag_run_id }));
    },

    taskInstances: async (dagId, runId, signal) => {
      const path = `${runPath(dagId, runId)}/taskInstances`;
      const tasks = await list({ path, name: "task_instances", item: taskInstanceAnswer, signal });
      return tasks.map(taskInstanceFromWire);
    },

    taskLog: async ({ dagId, runId, taskId, mapIndex, tryNumber }, signal) => {
      const task = `${runPath(dagId, runId)}/taskInstances/${encodeURIComponent(taskId)}`;
      const path = `${task}/logs/${tryNumber}?full_content=true&map_index=${mapIndex}`;
      return linesFromClassicLog(await askText({ path, signal }));
    },
  };
}

function dagPath(dagId: string): string {
  return `/api/v1/dags/${encodeURIComponent(dagId)}`;
}

function runPath(dagId: string, runId: string): string {
  return `${dagPath(dagId)}/dagRuns/${encodeURIComponent(runId)}`;
}
