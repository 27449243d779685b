import type { Clock } from "../../lib/clock.ts";
import type { Emit } from "../events.ts";
import type { Airflow, AirflowObjects } from "../service-ports.ts";

export interface PutObjectsDeps {
  readonly airflow: Airflow;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Gives Airflow what airflow_settings.yaml lists. Throws AIRFLOW_REFUSED naming what it would not take. */
export async function putObjects(
  objects: AirflowObjects,
  { airflow, clock, emit, signal }: PutObjectsDeps,
): Promise<void> {
  const counts = [
    count(objects.connections.length, "connection"),
    count(objects.variables.length, "variable"),
    count(objects.pools.length, "pool"),
  ].filter((part) => part !== "");
  if (counts.length === 0) return;
  const startedMs = clock.nowMs();
  await airflow.putObjects(objects, signal);
  emit({
    kind: "step",
    id: "airflow-settings",
    status: "done",
    text: `airflow_settings.yaml: ${counts.join(", ")}`,
    elapsedMs: clock.nowMs() - startedMs,
  });
}

function count(number: number, noun: string): string {
  return number === 0 ? "" : `${number} ${noun}${number === 1 ? "" : "s"}`;
}
