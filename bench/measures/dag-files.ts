import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { timed } from "../support/exec.ts";
import { waitFor } from "../support/airflow-client.ts";
import type { Rig } from "../support/rig.ts";
import { absolute, both, type Measure } from "./measure.ts";

const dagId = "bench_new";

function source(description: string): string {
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
async function savedToTriggerable(rig: Rig, description: string): Promise<number> {
  const airflow = await rig.layout.airflow();
  return await timed(async () => {
    await writeFile(join(rig.layout.dagsDir, `${dagId}.py`), source(description));
    const isThere = async () => ((await airflow.description(dagId)) === description ? true : undefined);
    await waitFor("the DAG as saved", isThere, { everyMs: 50 });
    await airflow.trigger(dagId);
  });
}

async function forget(rig: Rig): Promise<void> {
  await rm(join(rig.layout.dagsDir, `${dagId}.py`), { force: true });
  await (await rig.layout.airflow()).forget(dagId);
}

export const newDag: Measure = {
  name: "dag-new",
  title: "a new DAG file, saved to triggerable",
  unit: "s",
  target: absolute(1),
  layouts: both,
  run: async (rig) => {
    await rig.ensure("running");
    rig.used();
    await forget(rig);
    return { values: [await savedToTriggerable(rig, "as it was first")] };
  },
};

/** Goes on with the file that `newDag` has left, or makes it. */
export const editedDag: Measure = {
  name: "dag-edit",
  title: "an edited DAG file, saved to triggerable",
  unit: "s",
  target: absolute(1),
  layouts: both,
  run: async (rig) => {
    await rig.ensure("running");
    rig.used();
    const known = await (await rig.layout.airflow()).description(dagId);
    if (known === undefined) await savedToTriggerable(rig, "as it was first");
    const values = [await savedToTriggerable(rig, "as it is now")];
    await forget(rig);
    return { values };
  },
};
