import { setTimeout as sleep } from "node:timers/promises";
import { interruption } from "./interruption.ts";

const pollMs = 200;
const terminal = new Set(["success", "failed"]);

export interface Account {
  readonly url: string;
  readonly password: string;
}

interface RunAnswer {
  readonly dag_run_id: string;
  readonly state: string;
  readonly end_date: string | null;
}

interface TryAnswer {
  readonly try_number: number;
  readonly state: string | null;
}

/** Plain calls to Airflow's REST API, the same for every layout. */
export interface AirflowClient {
  /** The description of a DAG; undefined for one that Airflow does not know. */
  description(dagId: string): Promise<string | undefined>;
  /** Waits until Airflow knows the DAG, and lets it run. */
  enable(dagId: string): Promise<void>;
  /** Returns the run's id; throws when Airflow refuses. */
  trigger(dagId: string): Promise<string>;
  /** Seconds from the trigger to the run's own end; throws when it fails. */
  runToSuccess(dagId: string): Promise<number>;
  /** The state of each try of a run's only task, oldest first. */
  tries(dagId: string, runId: string, taskId: string): Promise<readonly string[]>;
  markFailed(dagId: string, runId: string): Promise<void>;
  forget(dagId: string): Promise<void>;
}

export async function logIn({ url, password }: Account): Promise<AirflowClient> {
  const login = await fetch(`${url}/auth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password }),
  });
  if (!login.ok) throw new Error(`Airflow's login answered ${login.status}`);
  const { access_token: token } = (await login.json()) as { readonly access_token: string };
  return clientWith(`${url}/api/v2`, token);
}

function clientWith(base: string, token: string): AirflowClient {
  const send = async (method: string, path: string, body?: object): Promise<Response> =>
    await fetch(`${base}/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await send(method, path, body);
    if (response.ok) return (await response.json()) as T;
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  };

  const description = async (dagId: string): Promise<string | undefined> => {
    const response = await send("GET", `dags/${dagId}`);
    if (!response.ok) return undefined;
    return ((await response.json()) as { readonly description: string | null }).description ?? "";
  };
  const trigger = async (dagId: string): Promise<string> =>
    (await ask<RunAnswer>("POST", `dags/${dagId}/dagRuns`, { logical_date: null })).dag_run_id;

  return {
    description,
    enable: async (dagId) => {
      await waitFor(`the DAG ${dagId}`, async () =>
        (await description(dagId)) === undefined ? undefined : true,
      );
      await ask("PATCH", `dags/${dagId}?update_mask=is_paused`, { is_paused: false });
    },
    trigger,
    runToSuccess: async (dagId) => {
      // The containers share this machine's clock, so the run's own end is exact whatever the polling.
      const startedMs = Date.now();
      const runId = await trigger(dagId);
      const run = await waitFor(`the run of ${dagId}`, async () => {
        const now = await ask<RunAnswer>("GET", `dags/${dagId}/dagRuns/${encodeURIComponent(runId)}`);
        return terminal.has(now.state) && now.end_date !== null ? now : undefined;
      });
      if (run.state !== "success") throw new Error(`the run ${runId} of ${dagId} failed`);
      return (Date.parse(run.end_date ?? "") - startedMs) / 1000;
    },
    tries: async (dagId, runId, taskId) => {
      const path = `dags/${dagId}/dagRuns/${encodeURIComponent(runId)}/taskInstances/${taskId}/tries`;
      const { task_instances: tries } = await ask<{ readonly task_instances: readonly TryAnswer[] }>(
        "GET",
        path,
      );
      return tries.toSorted((a, b) => a.try_number - b.try_number).map(({ state }) => state ?? "none");
    },
    markFailed: async (dagId, runId) => {
      await ask("PATCH", `dags/${dagId}/dagRuns/${encodeURIComponent(runId)}`, { state: "failed" });
    },
    forget: async (dagId) => {
      await send("DELETE", `dags/${dagId}`);
    },
  };
}

/** Asks again and again until there is an answer. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { everyMs = pollMs, seconds = 600 }: { readonly everyMs?: number; readonly seconds?: number } = {},
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    interruption.signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`still waiting for ${what} after ${seconds} s`);
    await sleep(everyMs);
  }
}
