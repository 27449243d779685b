import { chainsFrom, runChain, type Chain } from "./chain.ts";
import { installDataset, readDataset, type Dataset } from "./dataset.ts";
import { importDags } from "./import-dag.ts";
import { airflowRunUrl } from "./links.ts";
import { placeDag, planDags, type DagPlan } from "./place-dag.ts";
import type { Placement, SeedDeps, SeededDag, SeedOptions, SeedResult } from "./seed-types.ts";
import { verifyRuns } from "./verify.ts";

interface Pass {
  readonly deps: SeedDeps;
  readonly dataset: Dataset | undefined;
  readonly placements: ReadonlyMap<DagPlan, Placement>;
  readonly deadlineMs: number;
}

const nothingFound = { checks: [], datasetSource: undefined, links: [] } as const;

/**
 * Brings DAGs into a running stack: puts them in place, has Airflow read them, runs them, and looks at what those
 * that ship with the tool left where it lies. Can be repeated; every time makes new runs.
 * Throws USAGE, DATASET_INVALID, DAG_IMPORT_FAILED, DAG_RUN_FAILED, VERIFY_FAILED or WAIT_TIMEOUT.
 */
export async function seed(deps: SeedDeps, options: SeedOptions): Promise<SeedResult> {
  const deadlineMs = deps.clock.nowMs() + options.timeoutMs;
  // Names and data are judged before anything is touched.
  const plans = await planDags(deps, options.dags);
  const dataset = options.dataset === undefined ? undefined : await readDataset(deps, options.dataset);

  if (dataset !== undefined) await installDataset(deps, dataset);
  const placements = new Map<DagPlan, Placement>();
  for (const plan of plans) placements.set(plan, await placeDag(deps, plan));
  // All are read before the first one runs, since it may start others.
  await importDags(deps, plans, deadlineMs);

  const pass = { deps, dataset, placements, deadlineMs };
  const dags: SeededDag[] = [];
  if (options.run) for (const chain of chainsFrom(plans)) dags.push(...(await seedChain(pass, chain)));
  else dags.push(...plans.map((plan) => readyDag(pass, plan)));
  return { dataset: dataset && { file: dataset.file, rows: dataset.summary.rows }, dags };
}

function readyDag({ deps, placements }: Pass, plan: DagPlan): SeededDag {
  return {
    dagId: plan.dagId,
    file: `${deps.target.dagsDir}/${plan.file}`,
    placement: placements.get(plan) ?? "own",
    run: undefined,
    startedBy: undefined,
    ...nothingFound,
  };
}

async function seedChain(pass: Pass, chain: Chain): Promise<readonly SeededDag[]> {
  const { deps, dataset, deadlineMs } = pass;
  const runs = await runChain(deps, chain, deadlineMs);
  // A DAG of the user's own may have the name of one that ships with another line.
  const ended = chain.flatMap(({ dagId, isBundled }, index) => {
    const run = runs[index];
    return run === undefined || !isBundled ? [] : [{ dagId, runId: run.runId }];
  });
  const findings = await verifyRuns(deps, ended, dataset);
  return chain.map((plan, index): SeededDag => {
    const run = runs[index];
    const found = findings.get(plan.dagId) ?? nothingFound;
    const links =
      run === undefined
        ? []
        : [{ title: "Airflow run", url: airflowRunUrl(deps.target, plan.dagId, run.runId) }];
    return {
      ...readyDag(pass, plan),
      ...found,
      run,
      startedBy: chain[index - 1]?.dagId,
      links: [...links, ...found.links],
    };
  });
}
