import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createWorkplace } from "../../../bench/support/workplace.ts";
import { repository } from "../../support/run.ts";

async function dagsIn(dags: "measured" | "none"): Promise<readonly string[]> {
  const place = await createWorkplace("unit", { dags });
  try {
    return (await readdir(place.dagsDir, { recursive: true })).toSorted();
  } finally {
    await place.remove();
  }
}

async function pythonFilesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(join(repository, folder))).filter((name) => name.endsWith(".py"));
}

test("what is measured are the DAGs of the current line and those of the bench, and no other line's", async () => {
  const wanted = [...(await pythonFilesIn("dags")), ...(await pythonFilesIn("bench/dags"))];
  await expect(dagsIn("measured")).resolves.toEqual(wanted.toSorted());
});

test("a folder of DAGs can begin empty", async () => {
  await expect(dagsIn("none")).resolves.toEqual([]);
});
