import { StackError } from "../lib/errors.ts";
import { createRedactor } from "../lib/redact.ts";
import { v } from "../lib/schema.ts";
import type { AirflowObjects } from "../stack/service-ports.ts";
import type { AirflowSession } from "./airflow-session.ts";

const outcome = v.object({
  create: v.nullish(v.object({ errors: v.optional(v.array(v.unknown()), []) })),
});

/** Creates or overwrites connections, variables and pools. Throws AIRFLOW_REFUSED naming those it would not take. */
export async function putObjects(
  objects: AirflowObjects,
  { ask }: AirflowSession,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { connections, variables, pools } = objects;
  const put = async (kind: string, entities: readonly object[]): Promise<void> => {
    if (entities.length === 0) return;
    const body = { actions: [{ action: "create", action_on_existence: "overwrite", entities }] };
    const path = `/api/v2/${kind}`;
    const { create } = await ask({ method: "PATCH", path, body, answer: outcome, signal });
    if ((create?.errors.length ?? 0) === 0) return;
    throw new StackError(
      "AIRFLOW_REFUSED",
      `Airflow did not take all ${kind} of airflow_settings.yaml: ${JSON.stringify(create?.errors)}.`,
      { hint: "Correct them in airflow_settings.yaml and run `stack up` again." },
    );
  };
  await hideValues(objects, async () => {
    await put(
      "connections",
      connections.map(({ id, type, ...rest }) => ({ connection_id: id, conn_type: type, ...rest })),
    );
    await put("variables", variables);
    await put("pools", pools);
  });
}

/** Airflow's refusal quotes what it was sent: passwords and values are masked in what `put` throws. */
export async function hideValues(
  { connections, variables }: AirflowObjects,
  put: () => Promise<void>,
): Promise<void> {
  try {
    await put();
  } catch (error) {
    throw masked(error, [
      ...connections.flatMap(({ password, extra }) => [password ?? "", extra ?? ""]),
      ...variables.map(({ value }) => value),
    ]);
  }
}

function masked(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof StackError)) return error;
  const { code, message, hint, facts } = error;
  return new StackError(code, createRedactor(secrets)(message), { hint, facts });
}
