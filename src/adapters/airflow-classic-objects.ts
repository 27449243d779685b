import { StackError } from "../lib/errors.ts";
import { v } from "../lib/schema.ts";
import type { AirflowObjects } from "../stack/service-ports.ts";
import { hideValues } from "./airflow-objects.ts";
import type { AirflowSession } from "./airflow-session.ts";

const api = "/api/v1";

/** Creates or overwrites connections, variables and pools, one by one. Throws AIRFLOW_REFUSED naming the first that it would not take. */
export async function putClassicObjects(
  objects: AirflowObjects,
  { ask, askUnless }: AirflowSession,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { connections, variables, pools } = objects;
  const send = async (method: "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<void> => {
    await ask({ method, path: api + path, body, answer: v.unknown(), signal });
  };
  /** Whether it was made; not when there is one of that name. */
  const create = async (path: string, body: object): Promise<boolean> =>
    (await askUnless(409, {
      method: "POST",
      path: api + path,
      body,
      answer: v.record(v.string(), v.unknown()),
      signal,
    })) !== undefined;

  await hideValues(objects, async () => {
    for (const { id, type, ...rest } of connections) {
      const body = { connection_id: id, conn_type: type, ...rest };
      await named(`the connection ${id}`, async () => {
        if (await create("/connections", body)) return;
        // A change can't take a password away, so it is made anew.
        await send("DELETE", `/connections/${encodeURIComponent(id)}`);
        await send("POST", "/connections", body);
      });
    }
    for (const variable of variables)
      await named(`the variable ${variable.key}`, async () => {
        await send("POST", "/variables", variable);
      });
    for (const pool of pools)
      await named(`the pool ${pool.name}`, async () => {
        if (await create("/pools", pool)) return;
        const body = { ...pool, description: pool.description ?? "" };
        await send("PATCH", `/pools/${encodeURIComponent(pool.name)}`, body);
      });
  });
}

/** A refusal doesn't tell which object it is about. */
async function named(what: string, put: () => Promise<void>): Promise<void> {
  try {
    await put();
  } catch (error) {
    if (!(error instanceof StackError) || error.facts["status"] === undefined) throw error;
    throw new StackError(
      "AIRFLOW_REFUSED",
      `Airflow did not take ${what} of airflow_settings.yaml: ${error.message}`,
      {
        hint: "Correct it in airflow_settings.yaml and run `stack up` again.",
        facts: error.facts,
      },
    );
  }
}
