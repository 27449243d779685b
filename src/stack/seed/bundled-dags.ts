/** A DAG that ships with the tool. */
export interface BundledDag {
  readonly dagId: string;
  readonly purpose: string;
  /** What its run needs besides a running stack. */
  readonly needs: string;
  /** The bundled DAG that starts it by updating an asset. */
  readonly startedBy: string | undefined;
  /** Whether `seed --all` runs it: its results are verified then. */
  readonly isOfAll: boolean;
  /** Whether it, or a DAG that it starts, goes by an alias of a registered model. */
  readonly needsAliases: boolean;
}

export const tutorialDag = "mlflow_tutorial_dag";
export const pipelineDags = { features: "feature_eng", training: "train", predictions: "predict" } as const;

/** In the order in which they are run. */
export const bundledDags: readonly BundledDag[] = [
  {
    dagId: tutorialDag,
    purpose: "uses MLflow in three ways: by a hook, by its Python package, and by an operator",
    needs: "California housing data: given with --dataset, downloaded by the run, or else a generated sample",
    startedBy: undefined,
    isOfAll: true,
    needsAliases: false,
  },
  {
    dagId: pipelineDags.features,
    purpose: "scales the diabetes data into features, and starts train",
    needs: "nothing; the data set ships with scikit-learn",
    startedBy: undefined,
    isOfAll: true,
    needsAliases: true,
  },
  {
    dagId: pipelineDags.training,
    purpose: "trains a model on the features, registers it, and starts predict",
    needs: "features from a run of feature_eng",
    startedBy: pipelineDags.features,
    isOfAll: true,
    needsAliases: true,
  },
  {
    dagId: pipelineDags.predictions,
    purpose: "predicts with the registered model, and plots the predictions",
    needs: "a model from a run of train",
    startedBy: pipelineDags.training,
    isOfAll: true,
    needsAliases: true,
  },
  {
    dagId: "custom_operator_dag",
    purpose: "gives a model's newest version an alias, by an operator made from the provider's hook",
    needs: "nothing; the data set ships with scikit-learn",
    startedBy: undefined,
    isOfAll: false,
    needsAliases: true,
  },
];

/** Those of a line, by the names of the DAG files that it has. */
export function bundledDagsOf(files: readonly string[]): readonly BundledDag[] {
  return bundledDags.filter(({ dagId }) => files.includes(`${dagId}.py`));
}
