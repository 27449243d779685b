"""
### A pipeline of three DAGs, second part: training

`feature_eng` -> `train` -> `predict`

| task | what it leaves in MLflow |
|---|---|
| `train_model` | a run `RidgeCV` with what autologging records of a training, and the model |
| `register_model` | a new version of the registered model `diabetes-ridge`, with the alias `champion` |

It starts by itself when `feature_eng` has updated the asset `diabetes_features`. Run by hand, it takes the newest
features there are. Its last task updates the asset `diabetes_model`, which starts `predict`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import Asset, dag, get_current_context, task

# Airflow reads this file again and again, so anything slow to import is imported by the task that needs it.
if TYPE_CHECKING:
    from pandas import DataFrame

EXPERIMENT = "Diabetes"
REGISTERED_MODEL = "diabetes-ridge"
ALIAS = "champion"
FEATURES = Asset("diabetes_features")
MODEL = Asset("diabetes_model")


@dag(schedule=[FEATURES], max_active_runs=1, tags=["mlflow", "pipeline"], doc_md=__doc__, default_args={"retries": 0})
def train():
    @task(inlets=[FEATURES])
    def train_model() -> dict[str, str]:
        """Trains on the stored features; returns the model's URI, and that of the rows it has not seen."""
        import warnings

        # skops, which stores the model, looks at every module that is loaded, and Airflow answers with a thousand warnings.
        with warnings.catch_warnings(action="ignore"):
            import skops.io  # noqa: F401

        import mlflow
        import numpy as np
        import sklearn
        from mlflow.models import infer_signature
        from sklearn.linear_model import RidgeCV

        features = find_features()
        rows = read_csv(features["train_csv"])
        inputs, target = rows.drop(columns=["row", "target"]), rows["target"]
        context = get_current_context()

        mlflow.set_experiment(EXPERIMENT)
        # Records parameters and metrics of every `fit` from here on. It would record the model as well, but without a
        # list of its requirements, which then takes seconds to find out.
        mlflow.sklearn.autolog(log_models=False)
        with mlflow.start_run(run_name="RidgeCV"):
            mlflow.set_tags(
                {
                    "airflow.dag_id": context["dag"].dag_id,
                    "airflow.run_id": context["run_id"],
                    "train_csv": features["train_csv"],
                }
            )
            model = RidgeCV(alphas=np.logspace(-3, 3, 13)).fit(inputs, target)
            mlflow.log_metric("alpha", model.alpha_)
            logged = mlflow.sklearn.log_model(
                model,
                name="model",
                signature=infer_signature(inputs, model.predict(inputs)),
                pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"mlflow=={mlflow.__version__}"],
            )
        return {"model": logged.model_uri, "test_csv": features["test_csv"]}

    @task(outlets=[MODEL])
    def register_model(trained: dict[str, str]) -> None:
        """Makes the model a new version of the registered one, and has the alias point to it."""
        import mlflow

        version = mlflow.register_model(trained["model"], REGISTERED_MODEL, tags={"test_csv": trained["test_csv"]})
        # Whoever asks for the champion gets this version from now on, and needs no number.
        mlflow.MlflowClient().set_registered_model_alias(REGISTERED_MODEL, ALIAS, version.version)
        extra = {"name": REGISTERED_MODEL, "version": version.version}
        get_current_context()["outlet_events"][MODEL].extra = extra

    register_model(train_model())


def find_features() -> dict[str, str]:
    """The URIs that `feature_eng` left in the event which started this run, or else in the newest one."""
    context = get_current_context()
    events = context["triggering_asset_events"].get(FEATURES) or context["inlet_events"][FEATURES]
    if len(events) == 0:
        raise RuntimeError("There are no features yet: run the DAG feature_eng first.")
    return events[-1].extra


def read_csv(uri: str) -> DataFrame:
    """Reads a table from the bucket, every number exactly as it was written."""
    import boto3
    import pandas as pd

    bucket, key = uri.removeprefix("s3://").split("/", maxsplit=1)
    # Address and keys come from the environment: AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    return pd.read_csv(body, float_precision="round_trip")


train()
