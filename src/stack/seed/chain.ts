import { pollUntil } from "../../lib/poll.ts";
import { bundledDags } from "./bundled-dags.ts";
import type { DagPlan } from "./place-dag.ts";
import { followRun, runDag } from "./run-dag.ts";
import type { RunDeps, SeededRun } from "./seed-types.ts";

const POLL_MS = 250;
// The scheduler starts a waiting run in its next round, every second or so.
const START_MS = 60_000;

/** DAGs of which each starts the next one; mostly a single one. */
export type Chain = readonly DagPlan[];

/** Puts together the DAGs that start each other, if both were asked for; each chain stands where its first DAG stood. */
export function chainsFrom(plans: readonly DagPlan[]): readonly Chain[] {
  const startOf = (plan: DagPlan): string | undefined => {
    const startedBy = plan.isBundled
      ? bundledDags.find(({ dagId }) => dagId === plan.dagId)?.startedBy
      : undefined;
    return plans.some(({ dagId }) => dagId === startedBy) ? startedBy : undefined;
  };
  const chainFrom = (plan: DagPlan): Chain => {
    const next = plans.find((one) => startOf(one) === plan.dagId);
    return next === undefined ? [plan] : [plan, ...chainFrom(next)];
  };
  return plans.filter((plan) => startOf(plan) === undefined).map(chainFrom);
}

/** Triggers the first DAG and follows the runs that start each other. Throws what `runDag` throws. */
export async function runChain(
  deps: RunDeps,
  [first, ...rest]: Chain,
  deadlineMs: number,
): Promise<readonly SeededRun[]> {
  if (first === undefined) return [];
  // Before the first one ends: an event starts no DAG that is paused then.
  for (const { dagId } of rest) await deps.airflow.unpause(dagId, deps.signal);
  let cause = { dagId: first.dagId, run: await runDag(deps, first.dagId, deadlineMs) };
  const runs = [cause.run];
  for (const { dagId } of rest) {
    const runId = await awaitStart(deps, cause.dagId, cause.run.runId, dagId);
    cause = { dagId, run: await followRun(deps, dagId, runId, deadlineMs) };
    runs.push(cause.run);
  }
  return runs;
}

/** The id of the run of `dagId` that a run of `causeId` started. Throws WAIT_TIMEOUT. */
async function awaitStart(
  { airflow, clock, emit, signal }: RunDeps,
  causeId: string,
  causeRunId: string,
  dagId: string,
): Promise<string> {
  emit({
    kind: "step",
    id: `run:${dagId}`,
    status: "started",
    text: `Waiting for ${causeId} to start ${dagId}`,
  });
  return await pollUntil(
    async () => {
      const started = await airflow.runsStartedBy(causeId, causeRunId, signal);
      return started.find((run) => run.dagId === dagId)?.runId;
    },
    {
      clock,
      intervalMs: POLL_MS,
      timeoutMs: START_MS,
      signal,
      describe: () => `${causeId} has ended, but its run ${causeRunId} has not started ${dagId}`,
    },
  );
}
