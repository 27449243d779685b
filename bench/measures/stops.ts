import { waitFor } from "../support/airflow-client.ts";
import { sleepDag, sleepTask } from "../support/workplace.ts";
import { absolute, both, type Measure } from "./measure.ts";

// Airflow gives up a task without a sign of life after 300 s.
const patienceS = 420;

export const stopIdle: Measure = {
  name: "down-idle",
  title: "`down`, idle",
  unit: "s",
  target: absolute(2),
  layouts: both,
  run: async (rig) => {
    await rig.ensure("running");
    return { values: [await rig.stop()] };
  },
};

export const stopBusy: Measure = {
  name: "down-busy",
  title: "`down` with a task running",
  unit: "s",
  target: absolute(10),
  layouts: both,
  run: async (rig) => {
    await rig.ensure("running");
    rig.used();
    const before = await rig.layout.airflow();
    const runId = await before.trigger(sleepDag);
    const isRunning = async () =>
      (await before.tries(sleepDag, runId, sleepTask)).includes("running") || undefined;
    await waitFor("the task to run", isRunning);
    const seconds = await rig.stop();

    await rig.start();
    rig.used();
    const after = await rig.layout.airflow();
    const startedMs = performance.now();
    // While its first and only try counts as running, nobody has recorded yet that it was cut off.
    const recorded = async () => {
      const tries = await after.tries(sleepDag, runId, sleepTask);
      return tries.length === 1 && tries[0] === "running" ? undefined : tries;
    };
    const tries = await waitFor("the end of the task", recorded, { seconds: patienceS }).catch(
      () => undefined,
    );
    await after.markFailed(sleepDag, runId);
    const waited = ((performance.now() - startedMs) / 1000).toFixed(0);
    const found = tries === undefined ? "still recorded as running" : `tries recorded as ${tries.join(", ")}`;
    const note = `the task that was cut off: ${found}, ${waited} s after the next start`;
    return { values: [seconds], note };
  },
};
