import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { timed } from "../support/exec.ts";
import { waitFor } from "../support/airflow-client.ts";
import type { Rig } from "../support/rig.ts";
import { absolute, both, type Measure } from "./measure.ts";

const newId = "bench_new";
/** One that is there from the start. */
const editedId = "bench_edited";

function source(dagId: string, description: string): string {
  return `from airflow.sdk import dag, task


@dag(dag_id="${dagId}", schedule=None, description="${description}", tags=["bench"])
def bench():
    @task
    def hello():
        print("hello")

    hello()


bench()
`;
}

/** Seconds from saving the file to a trigger that Airflow accepts for what is in it. */
async function savedToTriggerable(rig: Rig, dagId: string, description: string): Promise<number> {
  const airflow = await rig.layout.airflow();
  return await timed(async () => {
    await writeFile(join(rig.layout.dagsDir, `${dagId}.py`), source(dagId, description));
    const isThere = async () => ((await airflow.description(dagId)) === description ? true : undefined);
    await waitFor("the DAG as saved", isThere, { everyMs: 50 });
    await airflow.trigger(dagId);
  });
}

export const newDag: Measure = {
  name: "dag-new",
  title: "a new DAG file, saved to triggerable",
  unit: "s",
  target: absolute(1),
  layouts: both,
  // For the next of Airflow's looks at its folder, one in five minutes.
  onceIn: "diy",
  run: async (rig) => {
    await rig.ensure("running");
    rig.used();
    const values = [await savedToTriggerable(rig, newId, "as it was first")];
    await rm(join(rig.layout.dagsDir, `${newId}.py`));
    await (await rig.layout.airflow()).forget(newId);
    const note = "measured once: the wait for Airflow's next look, five minutes after the last";
    return rig.layout.name === "diy" ? { values, note } : { values };
  },
};

export const editedDag: Measure = {
  name: "dag-edit",
  title: "an edited DAG file, saved to triggerable",
  unit: "s",
  target: absolute(1),
  layouts: both,
  run: async (rig) => {
    await rig.ensure("running");
    rig.used();
    const airflow = await rig.layout.airflow();
    await waitFor("the DAG to edit", async () => await airflow.description(editedId));
    return { values: [await savedToTriggerable(rig, editedId, `as it is at ${new Date().toISOString()}`)] };
  },
};
