import { setTimeout as sleep } from "node:timers/promises";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "./support/airflow-client.ts";
import { timed } from "./support/exec.ts";
import type { Layout } from "./support/layout.ts";
import { createStackLayout } from "./support/stack-layout.ts";
import { usageOf } from "./support/usage.ts";
import { createWorkplace } from "./support/workplace.ts";

type Row = readonly string[];

const dagCounts = [1, 50, 200];
const stackCounts = [1, 3];
const restS = 30;
const watchS = 20;

/** What more DAG files, and more stacks on one machine, add in time, memory and idle CPU. */
export async function measureScaling(say: (text: string) => void): Promise<readonly Row[]> {
  const rows: Row[] = [["", "start", "all DAGs known after", "memory", "CPU at rest"]];
  const add = (row: Row): void => {
    rows.push(row);
    say(row.join("  "));
  };
  for (const count of dagCounts) add(await withDags(count));
  for (const count of stackCounts) add(await sideBySide(count));
  return rows;
}

async function withDags(count: number): Promise<Row> {
  return await withStacks(1, async ([stack]) => {
    if (stack === undefined) return [];
    const ids = Array.from({ length: count }, (_, index) => `bench_scale_${index}`);
    // The first start makes the database; the one that is measured finds the files already there.
    await stack.start();
    await stack.stop();
    await Promise.all(ids.map(async (id) => await writeFile(join(stack.dagsDir, `${id}.py`), smallDag(id))));
    const start = await timed(stack.start);
    const known = await timed(async () => {
      const airflow = await stack.airflow();
      for (const id of ids) {
        await waitFor(`the DAG ${id}`, async () =>
          (await airflow.description(id)) === undefined ? undefined : true,
        );
      }
    });
    return [`${count} DAG file(s)`, seconds(start), seconds(known), ...(await costs([stack]))];
  });
}

async function sideBySide(count: number): Promise<Row> {
  return await withStacks(count, async (stacks) => {
    // Volumes first, one stack after the other; then all start at once.
    for (const stack of stacks) {
      await stack.start();
      await stack.stop();
    }
    const start = await timed(
      async () => await Promise.all(stacks.map(async (stack) => await stack.start())),
    );
    return [`${count} stack(s) at once`, seconds(start), "", ...(await costs(stacks))];
  });
}

async function costs(stacks: readonly Layout[]): Promise<Row> {
  await sleep(restS * 1000);
  const usage = await usageOf(
    stacks.map(({ project }) => project),
    watchS,
  );
  return [`${usage.memoryGib.toFixed(2)} GiB`, `${usage.cpuPercent.toFixed(1)} % of a core`];
}

/** Makes stacks for some work and removes them afterwards, whatever happened. */
async function withStacks(count: number, work: (stacks: readonly Layout[]) => Promise<Row>): Promise<Row> {
  const places = await Promise.all(
    Array.from({ length: count }, async (_, index) => await createWorkplace(`scale${index}`)),
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

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
