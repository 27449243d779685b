import { StackError } from "../../src/lib/errors.ts";
import type {
  Artifact,
  Experiment,
  Mlflow,
  MlflowRun,
  ModelVersion,
  RegisteredModel,
} from "../../src/stack/service-ports.ts";

export interface FakeMlflow extends Mlflow {
  addExperiment(experiment: Experiment): void;
  addRun(run: MlflowRun): void;
  /** One that is there under this name is replaced. */
  addRegisteredModel(model: RegisteredModel): void;
  addModelVersion(name: string, version: ModelVersion): void;
  addArtifact(runId: string, artifact: Artifact): void;
  /** Replaces what the last run of this id says. */
  changeRun(runId: string, change: Partial<MlflowRun>): void;
}

/** An MLflow server in memory; of filters it knows tags and equality. */
export function createFakeMlflow(): FakeMlflow {
  const experiments: Experiment[] = [
    { experimentId: "0", name: "Default", artifactLocation: "mlflow-artifacts:/0" },
  ];
  const runs: MlflowRun[] = [];
  const models = new Map<string, RegisteredModel>();
  const versions = new Map<string, ModelVersion[]>();
  const artifacts = new Map<string, Artifact[]>();
  const answer = async <T>(signal: AbortSignal | undefined, give: () => T): Promise<T> => {
    if (signal?.aborted) throw new StackError("INTERRUPTED", "Interrupted.");
    return give();
  };

  return {
    addExperiment: (experiment) => void experiments.push(experiment),
    deleteExperiment: (experimentId, signal) =>
      answer(signal, () => {
        experiments.splice(0, Infinity, ...experiments.filter((one) => one.experimentId !== experimentId));
      }),
    addRun: (run) => void runs.push(run),
    addRegisteredModel: (model) => void models.set(model.name, model),
    addModelVersion: (name, version) => void versions.set(name, [...(versions.get(name) ?? []), version]),
    addArtifact: (runId, artifact) => void artifacts.set(runId, [...(artifacts.get(runId) ?? []), artifact]),
    changeRun: (runId, change) => {
      const index = runs.findLastIndex((run) => run.runId === runId);
      const run = runs[index];
      if (run !== undefined) runs[index] = { ...run, ...change };
    },

    ping: (signal) => answer(signal, () => undefined),
    experiments: (signal) => answer(signal, () => experiments),
    runs: ({ experimentIds, filter }, signal) =>
      answer(signal, () => {
        const wanted = tagsFromFilter(filter);
        return runs
          .filter((run) => experimentIds.includes(run.experimentId))
          .filter((run) => wanted.every(([tag, value]) => run.tags[tag] === value))
          .toReversed();
      }),
    testButtonStatus: (signal) => answer(signal, () => 405),
    registeredModels: (signal) => answer(signal, () => [...models.values()]),
    modelVersions: (name, signal) => answer(signal, () => versions.get(name) ?? []),
    artifacts: (runId, signal) => answer(signal, () => artifacts.get(runId) ?? []),
  };
}

function tagsFromFilter(filter: string | undefined): readonly (readonly [string, string])[] {
  if (filter === undefined) return [];
  return filter.split(" and ").map((condition) => {
    const [, tag, value] = /^tags\.`([^`]+)` = '([^']*)'$/u.exec(condition) ?? [];
    if (tag !== undefined && value !== undefined) return [tag, value] as const;
    const message = `MLflow refused runs/search: INVALID_PARAMETER_VALUE Invalid clause(s) in filter string: ${condition} (400).`;
    throw new StackError("MLFLOW_REFUSED", message, { facts: { status: 400 } });
  });
}
