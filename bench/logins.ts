import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { settingsText } from "../test/support/test-project.ts";
import { median } from "./support/results.ts";
import { createStackLayout } from "./support/stack-layout.ts";
import { createWorkplace } from "./support/workplace.ts";

const logins = ["none", "basic"] as const;
type Logins = (typeof logins)[number];
type Row = readonly string[];

const alternations = 3;
const callsOfAKind = 200;

interface Call {
  readonly title: string;
  readonly path: string;
  readonly method: "GET" | "POST";
  /** `name` is given once; `runId` is of the run that all calls about one are about. */
  readonly body?: (name: string, runId: string) => unknown;
}

const calls: readonly Call[] = [
  {
    title: "search experiments",
    path: "experiments/search",
    method: "POST",
    body: () => ({ max_results: 10 }),
  },
  { title: "create a run", path: "runs/create", method: "POST", body: () => ({ experiment_id: "0" }) },
  {
    title: "log a metric",
    path: "runs/log-metric",
    method: "POST",
    body: (_, runId) => ({ run_id: runId, key: "loss", value: 1, timestamp: Date.now() }),
  },
  { title: "get a run", path: "runs/get", method: "GET" },
  {
    title: "create an experiment",
    path: "experiments/create",
    method: "POST",
    body: (name) => ({ name }),
  },
  {
    title: "create a registered model",
    path: "registered-models/create",
    method: "POST",
    body: (name) => ({ name }),
  },
];

/** What a login costs each call to MLflow: medians in milliseconds, with and without, in turns on one stack. */
export async function measureLogins(say: (text: string) => void): Promise<readonly Row[]> {
  const place = await createWorkplace("logins", { dags: "none" });
  const stack = await createStackLayout(place);
  const timesMs = new Map<string, number[]>();
  try {
    for (let turn = 0; turn < alternations; turn += 1) {
      for (const auth of logins) {
        const settings = settingsText(place.project, place.ports, `mlflow: { auth: ${auth} }\n`);
        await writeFile(join(place.dir, "stack.yaml"), settings);
        await stack.start();
        const password = (await stack.cli("secrets", "MLFLOW_PASSWORD")).trim();
        const headers = auth === "none" ? {} : { authorization: `Basic ${btoa(`mlflow:${password}`)}` };
        const ask = createCaller(`http://127.0.0.1:${place.ports.mlflow}`, headers);
        await timeCalls(ask, `${turn}-${auth}`, (title, ms) => {
          const key = keyOf(title, auth);
          timesMs.set(key, [...(timesMs.get(key) ?? []), ms]);
        });
        say(
          `logins ${auth}: ${calls.map(({ title }) => `${title} ${show(timesMs, title, auth)}`).join(", ")}`,
        );
      }
    }
  } finally {
    await stack.destroy();
    await place.remove();
  }
  const rows = calls.map(({ title }) => [title, ...logins.map((auth) => show(timesMs, title, auth))]);
  return [["call", "without a login", "with one"], ...rows];
}

function keyOf(title: string, auth: Logins): string {
  return `${title} ${auth}`;
}

function show(timesMs: ReadonlyMap<string, readonly number[]>, title: string, auth: Logins): string {
  return `${median(timesMs.get(keyOf(title, auth)) ?? []).toFixed(1)} ms`;
}

type Caller = (call: Pick<Call, "path" | "method">, query: string, body?: unknown) => Promise<unknown>;

function createCaller(url: string, headers: Readonly<Record<string, string>>): Caller {
  return async ({ path, method }, query, body) => {
    const response = await fetch(`${url}/api/2.0/mlflow/${path}${query}`, {
      method,
      headers: { ...headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok)
      throw new Error(`${path} was answered with ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  };
}

/** One kind of call after the other, in a row, as a task makes them; the first of all warms the connection. */
async function timeCalls(
  ask: Caller,
  turn: string,
  note: (title: string, ms: number) => void,
): Promise<void> {
  const create = { path: "runs/create", method: "POST" } as const;
  const { run } = (await ask(create, "", { experiment_id: "0" })) as { run: { info: { run_id: string } } };
  const runId = run.info.run_id;
  for (const { title, body, ...call } of calls) {
    for (let at = 0; at < callsOfAKind; at += 1) {
      const query = call.method === "GET" ? `?run_id=${runId}` : "";
      const beganMs = performance.now();
      await ask(call, query, body?.(`bench-${turn}-${at}`, runId));
      note(title, performance.now() - beganMs);
    }
  }
}
