import type { TestProject } from "./test-project.ts";

/** What it takes to call a stack's services. */
export type ServedStack = Pick<TestProject, "ports" | "secret">;

/** Plain calls to the services of a live stack, independent of the tool's own adapters. */
export interface LiveServices {
  airflow<T>(path: string, init?: RequestInit): Promise<T>;
  mlflow<T>(path: string, body?: object): Promise<T>;
}

export async function callServices({ ports, secret }: ServedStack): Promise<LiveServices> {
  const airflowUrl = `http://127.0.0.1:${ports.airflow}`;
  const login = await fetch(`${airflowUrl}/auth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password: await secret("AIRFLOW_ADMIN_PASSWORD") }),
  });
  const { access_token: token } = await answer<{ access_token: string }>(login);
  return {
    airflow: callAirflow(`${airflowUrl}/api/v2`, `Bearer ${token}`),
    mlflow: callMlflow(ports.mlflow, await mlflowAuthorization({ secret })),
  };
}

/** The same for a stack of the classic line. */
export async function callClassicServices({ ports, secret }: ServedStack): Promise<LiveServices> {
  const credentials = btoa(`admin:${await secret("AIRFLOW_ADMIN_PASSWORD")}`);
  return {
    airflow: callAirflow(`http://127.0.0.1:${ports.airflow}/api/v1`, `Basic ${credentials}`),
    mlflow: callMlflow(ports.mlflow),
  };
}

/** The header Authorization of whoever uses MLflow's pages. */
export async function mlflowAuthorization({ secret }: Pick<TestProject, "secret">): Promise<string> {
  return `Basic ${btoa(`admin:${await secret("MLFLOW_ADMIN_PASSWORD")}`)}`;
}

function callAirflow(url: string, authorization: string): LiveServices["airflow"] {
  return async (path, init = {}) => {
    const headers = { authorization, "content-type": "application/json" };
    return await answer(await fetch(`${url}/${path}`, { ...init, headers }));
  };
}

/** The classic line's MLflow looks at no login. */
function callMlflow(port: number, authorization = ""): LiveServices["mlflow"] {
  return async (path, body) => {
    const url = `http://127.0.0.1:${port}/api/2.0/mlflow/${path}`;
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const headers = { authorization, "content-type": "application/json" };
    return await answer(await fetch(url, { ...init, headers }));
  };
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} from ${response.url}: ${text}`);
  return JSON.parse(text === "" ? "null" : text) as T;
}
