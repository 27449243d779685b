import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBundledFiles } from "../../src/adapters/bundled-files.ts";
import { provideHousing } from "../../test/support/housing.ts";
import { freePorts } from "../../test/support/test-project.ts";
import { repository } from "./exec.ts";
import type { Ports } from "./layout.ts";

/** A folder with DAGs, a project name and ports that nobody else has. */
export interface Workplace {
  readonly dir: string;
  readonly dagsDir: string;
  readonly project: string;
  readonly ports: Ports;
  /** The housing rows. */
  readonly dataset: string;
  remove(): Promise<void>;
}

export const tutorialDag = "mlflow_tutorial_dag";
export const logModelDag = "bench_log_model";
export const sleepDag = "bench_sleep";
export const sleepTask = "rest";
export const dagsOfAllLayouts = [tutorialDag, logModelDag, sleepDag] as const;

/** With the DAGs that are measured, or with a folder that is empty. */
export async function createWorkplace(
  label: string,
  { dags }: { readonly dags: "measured" | "none" },
): Promise<Workplace> {
  const dir = await mkdtemp(join(tmpdir(), `stack-bench-${label}-`));
  const suffix = dir
    .slice(-6)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/gu, "x");
  const dagsDir = join(dir, "dags");
  await mkdir(dagsDir);
  if (dags === "measured") await Promise.all([placeBundledDags(dagsDir), placeBenchDags(dagsDir)]);
  const [airflow = 0, mlflow = 0, s3 = 0, console = 0] = await freePorts(4);
  return {
    dir,
    dagsDir,
    project: `bench-${label}-${suffix}`,
    ports: { airflow, mlflow, s3, console },
    dataset: (await provideHousing(dir)).path,
    remove: async () => {
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Those of `stack seed`, and no more: a DAG of another line has the id of one that is measured. */
async function placeBundledDags(dagsDir: string): Promise<void> {
  const bundled = createBundledFiles(repository);
  const names = await bundled.dagFiles("current");
  await Promise.all(
    names.map(async (name) => {
      await writeFile(join(dagsDir, name), await bundled.dagFile(name, "current"));
    }),
  );
}

async function placeBenchDags(dagsDir: string): Promise<void> {
  await cp(join(repository, "bench", "dags"), dagsDir, { recursive: true });
}
