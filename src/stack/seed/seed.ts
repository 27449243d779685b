import { StackError } from "../../lib/errors.ts";
import { installDataset, readDataset, type Dataset } from "./dataset.ts";
import { importDag } from "./import-dag.ts";
import { airflowRunUrl, tutorialLinks } from "./links.ts";
import { placeDag, planDags, tutorialDag, type DagPlan } from "./place-dag.ts";
import { runDag } from "./run-dag.ts";
import type { SeedDeps, SeededDag, SeededRun, SeedOptions, SeedResult } from "./seed-types.ts";
import { checkTutorial } from "./tutorial-checks.ts";
import { collectEvidence, experimentName } from "./tutorial-evidence.ts";

interface Pass {
  readonly deps: SeedDeps;
  readonly dataset: Dataset | undefined;
  readonly run: boolean;
  readonly deadlineMs: number;
}

/**
 * Brings DAGs into a running stack: puts them in place, has Airflow read them, runs them, and looks at what the
 * tutorial left where it lies. Can be repeated; every time makes a new run.
 * Throws USAGE, DATASET_INVALID, DAG_IMPORT_FAILED, DAG_RUN_FAILED, VERIFY_FAILED or WAIT_TIMEOUT.
 */
export async function seed(deps: SeedDeps, options: SeedOptions): Promise<SeedResult> {
  const deadlineMs = deps.clock.nowMs() + options.timeoutMs;
  // Names and data are judged before anything is touched.
  const plans = await planDags(deps, options.dags);
  const dataset = options.dataset === undefined ? undefined : await readDataset(deps, options.dataset);

  if (dataset !== undefined) await installDataset(deps, dataset);
  const dags: SeededDag[] = [];
  for (const plan of plans) dags.push(await seedDag({ deps, dataset, run: options.run, deadlineMs }, plan));
  return { dataset: dataset && { file: dataset.file, rows: dataset.summary.rows }, dags };
}

async function seedDag({ deps, dataset, run, deadlineMs }: Pass, plan: DagPlan): Promise<SeededDag> {
  const { dagId } = plan;
  const placement = await placeDag(deps, plan);
  await importDag(deps, plan, deadlineMs);
  const seeded = { dagId, file: `${deps.target.dagsDir}/${plan.file}`, placement };
  if (!run) return { ...seeded, run: undefined, checks: [], datasetSource: undefined, links: [] };

  const done = await runDag(deps, dagId, deadlineMs);
  const runLink = { title: "Airflow run", url: airflowRunUrl(deps.target, dagId, done.runId) };
  if (dagId !== tutorialDag) {
    return { ...seeded, run: done, checks: [], datasetSource: undefined, links: [runLink] };
  }
  const { checks, datasetSource, links } = await verifyTutorial(deps, done, dataset);
  return { ...seeded, run: done, checks, datasetSource, links: [runLink, ...links] };
}

async function verifyTutorial(deps: SeedDeps, { runId }: SeededRun, dataset: Dataset | undefined) {
  const { clock, emit, target } = deps;
  const id = `verify:${tutorialDag}`;
  const startedMs = clock.nowMs();
  emit({ kind: "step", id, status: "started", text: "Looking at what the run left" });

  const evidence = await collectEvidence(deps, tutorialDag, runId);
  const bucket = target.mlflow === undefined ? target.bucket : undefined;
  const checks = checkTutorial(evidence, { experiment: experimentName(target), bucket, runId, dataset });
  const failed = checks.filter(({ outcome }) => outcome === "failed");
  if (failed.length > 0) {
    emit({ kind: "step", id, status: "failed", text: "What the run left is not what it should be" });
    const problems = failed.map(
      ({ name, expected, found }) => `${name}: expected ${expected}, found ${found}`,
    );
    throw new StackError("VERIFY_FAILED", `${tutorialDag} succeeded, but ${problems.join("; ")}.`, {
      hint: `See ${airflowRunUrl(target, tutorialDag, runId)} for what its tasks wrote.`,
      facts: { dagId: tutorialDag, runId, problems },
    });
  }
  const datasetSource = evidence.run?.tags["dataset_source"];
  if (datasetSource === "generated-sample") {
    const text =
      "The run worked on a generated sample, not on real data; `--dataset FILE` brings the real rows.";
    emit({ kind: "note", level: "warning", text });
  }
  emit({
    kind: "step",
    id,
    status: "done",
    text: `Checked what the run left`,
    detail: `${checks.length} of ${checks.length} as expected`,
    elapsedMs: Math.round(clock.nowMs() - startedMs),
  });
  return { checks, datasetSource, links: tutorialLinks(target, evidence) };
}
