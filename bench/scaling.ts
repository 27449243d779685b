import { setTimeout as sleep } from "node:timers/promises";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "./support/airflow-client.ts";
import { timed } from "./support/exec.ts";
import type { Layout } from "./support/layout.ts";
import { scalingRows, type Size } from "./support/scaling-table.ts";
import { createStackLayout } from "./support/stack-layout.ts";
import { usageOf, type Usage } from "./support/usage.ts";
import { createWorkplace } from "./support/workplace.ts";

const dagCounts = [1, 50, 200];
const stackCounts = [1, 3];
const readings = 3;
const restS = 30;
// Airflow reads each file again every 30 s: a shorter look finds more of that, or less, by chance.
const watchS = 30;

/** What more DAG files, and more stacks on one machine, add in time, memory and idle CPU. */
export async function measureScaling(say: (text: string) => void): Promise<readonly (readonly string[])[]> {
  const read = async (counts: readonly number[], measure: (count: number) => Promise<Size>) => {
    const sizes: Size[] = [];
    for (const count of counts) {
      sizes.push(await measure(count));
      // The last row is this size, with what it adds.
      say((scalingRows([sizes]).at(-1) ?? []).join("  "));
    }
    return sizes;
  };
  return scalingRows([await read(dagCounts, withDags), await read(stackCounts, sideBySide)]);
}

async function withDags(count: number): Promise<Size> {
  return await withStacks(1, "none", async (stacks) => {
    const [stack] = stacks;
    if (stack === undefined) throw new Error("there is no stack to put DAG files into");
    const ids = Array.from({ length: count }, (_, index) => `bench_scale_${index}`);
    await Promise.all(ids.map(async (id) => await writeFile(join(stack.dagsDir, `${id}.py`), smallDag(id))));
    // The first start makes the database, and finds the files; those that are measured have both.
    await stack.start();
    const knownS = await timed(async () => {
      const airflow = await stack.airflow();
      for (const id of ids) {
        await waitFor(`the DAG ${id}`, async () =>
          (await airflow.description(id)) === undefined ? undefined : true,
        );
      }
    });
    const startS: number[] = [];
    for (let reading = 0; reading < readings; reading += 1) {
      await stack.stop();
      startS.push(await timed(stack.start));
    }
    return { label: `${count} DAG file(s)`, startS, knownS, ...(await costs(stacks)) };
  });
}

async function sideBySide(count: number): Promise<Size> {
  return await withStacks(count, "measured", async (stacks) => {
    // Volumes first, one stack after the other; then all start at once.
    for (const stack of stacks) {
      await stack.start();
      await stack.stop();
    }
    const startS = await timed(
      async () => await Promise.all(stacks.map(async (stack) => await stack.start())),
    );
    return { label: `${count} stack(s) at once`, startS: [startS], ...(await costs(stacks)) };
  });
}

async function costs(stacks: readonly Layout[]): Promise<Pick<Size, "memoryGib" | "cpuPercent">> {
  const projects = stacks.map(({ project }) => project);
  await sleep(restS * 1000);
  const usages: Usage[] = [];
  for (let reading = 0; reading < readings; reading += 1) usages.push(await usageOf(projects, watchS));
  return {
    memoryGib: usages.map(({ memoryGib }) => memoryGib),
    cpuPercent: usages.map(({ cpuPercent }) => cpuPercent),
  };
}

/** Makes stacks for some work and removes them afterwards, whatever happened. */
async function withStacks(
  count: number,
  dags: "measured" | "none",
  work: (stacks: readonly Layout[]) => Promise<Size>,
): Promise<Size> {
  const places = await Promise.all(
    Array.from({ length: count }, async (_, index) => await createWorkplace(`scale${index}`, { dags })),
  );
  const stacks = await Promise.all(places.map(createStackLayout));
  try {
    return await work(stacks);
  } finally {
    for (const stack of stacks) await stack.destroy();
    await Promise.all(places.map(async (place) => await place.remove()));
  }
}

function smallDag(id: string): string {
  return `from airflow.sdk import dag, task


@dag(dag_id="${id}", schedule=None, tags=["bench"])
def small():
    @task
    def first():
        return 1

    @task
    def second(value):
        print(value)

    second(first())


small()
`;
}
