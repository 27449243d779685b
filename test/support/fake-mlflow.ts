import { StackError } from "../../src/lib/errors.ts";
import type { Experiment, Mlflow, MlflowRun, RegisteredModel } from "../../src/stack/service-ports.ts";

export interface FakeMlflow extends Mlflow {
  addExperiment(experiment: Experiment): void;
  addRun(run: MlflowRun): void;
  addRegisteredModel(model: RegisteredModel): void;
  /** Replaces what the last run of this id says. */
  changeRun(runId: string, change: Partial<MlflowRun>): void;
}

/** An MLflow server in memory; of filters it knows tags and equality. */
export function createFakeMlflow(): FakeMlflow {
  const experiments: Experiment[] = [
    { experimentId: "0", name: "Default", artifactLocation: "mlflow-artifacts:/0" },
  ];
  const runs: MlflowRun[] = [];
  const models: RegisteredModel[] = [];
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
    addRegisteredModel: (model) => void models.push(model),
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
    registeredModels: (signal) => answer(signal, () => models),
    testButtonStatus: (signal) => answer(signal, () => 405),
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
