"""
### Three ways to use MLflow from Airflow 2

| task | way | what it leaves in MLflow |
|---|---|---|
| `create_experiment` | a **hook** of the MLflow provider, inside a task | the experiment `Housing` |
| `scale_features` | the **mlflow package**, inside a task | a run `Scaler`: the features' means, the fitted scaler, the rows |
| `create_registered_model` | an **operator** of the MLflow provider | a registered model with two tags |

A hook is for a call that has no operator of its own, the package is for what happens during training, and an operator
is for a step that somebody has already written.

Hook and operator use the Airflow connection `mlflow_default`. The package reads `MLFLOW_TRACKING_URI`, and it writes the
experiment's files to the object store by itself, so tasks also need `MLFLOW_S3_ENDPOINT_URL` and the `AWS_*` keys.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from airflow.decorators import dag, task
from airflow.operators.python import get_current_context
from mlflow_provider.operators.registry import CreateRegisteredModelOperator
from pendulum import datetime

# Airflow reads this file again and again, so anything slow to import (mlflow, pandas, scikit-learn) is imported by the
# task that needs it.
if TYPE_CHECKING:
    from pandas import DataFrame

# Databricks wants a folder of the workspace in front of the name.
EXPERIMENT = "/".join(filter(None, [os.environ.get("MLFLOW_EXPERIMENT_FOLDER"), "Housing"]))
# Where the experiment keeps its files; empty leaves that to MLflow, as it has to be with one that runs elsewhere.
ARTIFACT_ROOT = os.environ.get("ARTIFACT_ROOT", "s3://mlflow")
FEATURES = ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"]

log = logging.getLogger(__name__)


@dag(
    schedule=None,
    # Airflow 2 wants one, even where nothing is scheduled.
    start_date=datetime(2023, 1, 1),
    catchup=False,
    tags=["mlflow", "tutorial"],
    doc_md=__doc__,
    default_args={"retries": 0},
)
def mlflow_tutorial_dag():
    @task
    def create_experiment() -> str:
        """Returns the id of the experiment `Housing`, and creates it when there is none."""
        found = find_experiment()
        if found is None:
            call_mlflow(
                "POST",
                "experiments/create",
                {"name": EXPERIMENT} | ({"artifact_location": f"{ARTIFACT_ROOT}/housing"} if ARTIFACT_ROOT else {}),
                # Another run of this DAG may have been faster; then its experiment is ours as well.
                expected_error="RESOURCE_ALREADY_EXISTS",
            )
            found = find_experiment()
        elif found["lifecycle_stage"] == "deleted":
            # MLflow keeps a deleted experiment's name, so a new one could not be created.
            call_mlflow("POST", "experiments/restore", {"experiment_id": found["experiment_id"]})
        return found["experiment_id"]

    @task
    def scale_features(experiment_id: str) -> str:
        """Fits a scaler to the housing data, records everything in a run `Scaler`, and returns the run's id."""
        import tempfile
        from pathlib import Path

        import mlflow
        import sklearn
        from mlflow.models import infer_signature
        from sklearn.preprocessing import StandardScaler

        features, source = load_housing()
        context = get_current_context()

        # By id, never by a number that was true once: MLflow numbers experiments in the order they were made.
        mlflow.set_experiment(experiment_id=experiment_id)
        # Records models as they are trained. A scaler alone is preparation to it, so what matters here is logged below;
        # put an estimator behind the scaler, and its parameters, metrics and model are recorded without another line.
        mlflow.sklearn.autolog()

        with mlflow.start_run(run_name="Scaler") as run:
            mlflow.set_tags(
                {
                    "dataset_source": source,
                    "airflow.dag_id": context["dag"].dag_id,
                    "airflow.run_id": context["run_id"],
                }
            )
            scaler = StandardScaler()
            scaled = scaler.fit_transform(features)
            mlflow.log_params(scaler.get_params())
            mlflow.log_metrics(dict(zip(FEATURES, scaler.mean_.tolist(), strict=True)))
            mlflow.sklearn.log_model(
                scaler,
                artifact_path="scaler",
                signature=infer_signature(features, scaled),
                # Without this list MLflow loads the model once more, in a new process, only to see which packages it
                # imports. Its documentation advises to name them.
                pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"mlflow=={mlflow.__version__}"],
            )
            # The rows themselves, so that anyone can compute the means again.
            with tempfile.TemporaryDirectory() as folder:
                rows = Path(folder) / "features.csv"
                features.to_csv(rows, index=False)
                mlflow.log_artifact(str(rows))
        return run.info.run_id

    create_registered_model = CreateRegisteredModelOperator(
        task_id="create_registered_model",
        # A name can be registered once, so every run (and every try, after a task was cleared) has a name of its own.
        # It is made from the run id, which is always there: a run without a logical date has no `ts` or `ds`. MLflow
        # allows neither `:` nor `/` in a name.
        name="housing-scaler-{{ run_id | replace(':', '-') | replace('/', '-') }}-try{{ ti.try_number }}",
        tags=[
            {"key": "model_type", "value": "regression"},
            {"key": "data", "value": "housing"},
        ],
    )

    scale_features(create_experiment()) >> create_registered_model


def find_experiment() -> dict | None:
    """The experiment as MLflow describes it, deleted ones included; None when there is none."""
    answer = call_mlflow(
        "GET",
        "experiments/get-by-name",
        {"experiment_name": EXPERIMENT},
        expected_error="RESOURCE_DOES_NOT_EXIST",
    )
    return answer.get("experiment")


def call_mlflow(method: str, endpoint: str, params: dict, expected_error: str | None = None) -> dict:
    """Calls MLflow's REST API through the provider's hook; raises on every error but the expected one."""
    from mlflow_provider.hooks.client import MLflowClientHook

    response = MLflowClientHook(method=method).run(f"api/2.0/mlflow/{endpoint}", request_params=params)
    # The hook hands back whatever came, and a refusal is an answer like any other to it: the status is ours to check.
    if response.ok:
        return response.json()
    if expected_error is not None and expected_error in response.text:
        return {}
    raise RuntimeError(f"MLflow refused {method} {endpoint}: {response.status_code} {response.text}")


def load_housing() -> tuple[DataFrame, str]:
    """The California housing features, and where they come from.

    Real data from the folder SCIKIT_LEARN_DATA if it is there, else from the network, else a generated sample.
    """
    import socket

    from sklearn.datasets import fetch_california_housing

    try:
        return fetch_california_housing(as_frame=True, download_if_missing=False).data, "scikit-learn-data"
    except OSError:
        log.info("The data set is not in SCIKIT_LEARN_DATA; trying to download it.")

    # A download has no time-out of its own; without one a host that doesn't answer would hold the task for minutes.
    usual_timeout = socket.getdefaulttimeout()
    socket.setdefaulttimeout(5)
    try:
        return fetch_california_housing(as_frame=True).data, "downloaded"
    except OSError as error:
        log.warning("No data set and no download (%s): going on with a GENERATED sample, not real data.", error)
        return generate_sample(), "generated-sample"
    finally:
        socket.setdefaulttimeout(usual_timeout)


def generate_sample(rows: int = 2_000) -> DataFrame:
    """Made-up rows with the same columns and similar ranges, the same ones every time."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(seed=20640)
    return pd.DataFrame(
        {
            "MedInc": random.gamma(shape=4.0, scale=0.95, size=rows),
            "HouseAge": random.integers(1, 53, size=rows).astype(float),
            "AveRooms": random.normal(loc=5.4, scale=1.2, size=rows).clip(min=1.0),
            "AveBedrms": random.normal(loc=1.1, scale=0.1, size=rows).clip(min=0.3),
            "Population": random.gamma(shape=1.6, scale=890.0, size=rows).round() + 3.0,
            "AveOccup": random.normal(loc=3.0, scale=0.7, size=rows).clip(min=0.7),
            "Latitude": random.uniform(32.5, 42.0, size=rows),
            "Longitude": random.uniform(-124.4, -114.3, size=rows),
        },
        columns=FEATURES,
    )


mlflow_tutorial_dag()
