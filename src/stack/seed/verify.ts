import { StackError } from "../../lib/errors.ts";
import { experimentPath } from "../mlflow-spec.ts";
import { pipelineDags, tutorialDag } from "./bundled-dags.ts";
import type { Dataset } from "./dataset.ts";
import { airflowRunUrl, bucketLink, mlflowLinks } from "./links.ts";
import { checkFeatures, checkPredictions, checkTraining } from "./pipeline-checks.ts";
import { collectPipeline, registeredModel, type PipelineRuns } from "./pipeline-evidence.ts";
import type { SeedDeps, Verified } from "./seed-types.ts";
import { checkTutorial } from "./tutorial-checks.ts";
import { collectEvidence, tutorialExperiment } from "./tutorial-evidence.ts";

export interface EndedRun {
  readonly dagId: string;
  readonly runId: string;
}

type Findings = ReadonlyMap<string, Verified>;

/**
 * Looks at what the runs of one chain left, by DAG; empty for DAGs whose results nobody here knows.
 * Throws VERIFY_FAILED with all that is not as it should be.
 */
export async function verifyRuns(
  deps: SeedDeps,
  runs: readonly EndedRun[],
  dataset: Dataset | undefined,
): Promise<Findings> {
  const look = lookFor(runs, dataset);
  if (look === undefined) return new Map();
  const { clock, emit, target } = deps;
  const dagIds = runs.map(({ dagId }) => dagId).join(", ");
  const id = `verify:${dagIds}`;
  const startedMs = clock.nowMs();
  const left = runs.length === 1 ? "the run" : "the runs";
  emit({ kind: "step", id, status: "started", text: `Looking at what ${left} left` });

  const findings = await look(deps);
  for (const { dagId, runId } of runs) {
    const failed = (findings.get(dagId)?.checks ?? []).filter(({ outcome }) => outcome === "failed");
    if (failed.length === 0) continue;
    emit({ kind: "step", id, status: "failed", text: `What ${left} left is not what it should be` });
    const problems = failed.map(
      ({ name, expected, found }) => `${name}: expected ${expected}, found ${found}`,
    );
    throw new StackError("VERIFY_FAILED", `${dagId} succeeded, but ${problems.join("; ")}.`, {
      hint: `See ${airflowRunUrl(target, dagId, runId)} for what its tasks wrote.`,
      facts: { dagId, runId, problems },
    });
  }
  const count = [...findings.values()].flatMap(({ checks }) => checks).length;
  emit({
    kind: "step",
    id,
    status: "done",
    text: `Checked what ${left} left`,
    detail: `${count} of ${count} as expected`,
    elapsedMs: Math.round(clock.nowMs() - startedMs),
  });
  return findings;
}

function lookFor(
  runs: readonly EndedRun[],
  dataset: Dataset | undefined,
): ((deps: SeedDeps) => Promise<Findings>) | undefined {
  const runOf = (dagId: string) => runs.find((run) => run.dagId === dagId)?.runId;
  const tutorialRun = runOf(tutorialDag);
  if (tutorialRun !== undefined) return async (deps) => await lookAtTutorial(deps, tutorialRun, dataset);
  const steps = Object.entries(pipelineDags).flatMap(([step, dagId]) => {
    const runId = runOf(dagId);
    return runId === undefined ? [] : [[step, runId] as const];
  });
  const pipelineRuns: PipelineRuns = Object.fromEntries(steps);
  return steps.length === 0 ? undefined : async (deps) => await lookAtPipeline(deps, pipelineRuns);
}

async function lookAtTutorial(
  deps: SeedDeps,
  runId: string,
  dataset: Dataset | undefined,
): Promise<Findings> {
  const { emit, target } = deps;
  const evidence = await collectEvidence(deps, tutorialDag, runId);
  const isElsewhere = target.mlflow !== undefined;
  const checks = checkTutorial(evidence, {
    experiment: experimentPath(target.mlflow, tutorialExperiment),
    bucket: isElsewhere ? undefined : target.bucket,
    runId,
    dataset,
  });
  const datasetSource = evidence.run?.tags["dataset_source"];
  if (datasetSource === "generated-sample") {
    const text =
      "The run worked on a generated sample, not on real data; `--dataset FILE` brings the real rows.";
    emit({ kind: "note", level: "warning", text });
  }
  const links = [
    ...mlflowLinks(target, evidence.run, evidence.registeredModel?.name),
    // Nothing of the tutorial's is in it when MLflow keeps its files elsewhere.
    ...(isElsewhere ? [] : [bucketLink(target)]),
  ];
  return new Map([[tutorialDag, { checks, datasetSource, links }]]);
}

async function lookAtPipeline(deps: SeedDeps, runs: PipelineRuns): Promise<Findings> {
  const { target } = deps;
  const evidence = await collectPipeline(deps, runs);
  const expectation = { bucket: target.bucket, isElsewhere: target.mlflow !== undefined };
  const all = [
    ["features", checkFeatures, undefined],
    ["training", checkTraining, registeredModel],
    ["predictions", checkPredictions, undefined],
  ] as const;
  return new Map(
    all.flatMap(([step, checkStep, model]): [string, Verified][] => {
      if (runs[step] === undefined) return [];
      const checks = checkStep(evidence, runs, expectation);
      const links = [...mlflowLinks(target, evidence.runs[step], model), bucketLink(target)];
      return [[pipelineDags[step], { checks, datasetSource: undefined, links }]];
    }),
  );
}
