"""
### A pipeline of three DAGs, first part: features

`feature_eng` -> `train` -> `predict`

| task | what it leaves |
|---|---|
| `create_experiment` | the experiment `Diabetes`, looked up or created |
| `scale_features` | a run `Features` with the fitted scaler, and the scaled rows in the bucket |

The last task updates the asset `diabetes_features`. The DAG `train` is scheduled on that asset, so it starts by itself,
and reads from the asset's event where the rows lie.

The data set ships with scikit-learn: 442 patients, ten measurements each, and how far their diabetes was a year later.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from airflow.sdk import Asset, dag, get_current_context, task

# Airflow reads this file again and again, so anything slow to import is imported by the task that needs it.
if TYPE_CHECKING:
    from pandas import DataFrame

EXPERIMENT = "Diabetes"
# Where the rows are stored, wherever MLflow runs.
ARTIFACT_BUCKET = os.environ.get("ARTIFACT_BUCKET", "mlflow")
# Where the experiment keeps its files; empty leaves that to MLflow, as it has to be with one that runs elsewhere.
ARTIFACT_ROOT = os.environ.get("ARTIFACT_ROOT", "s3://mlflow")
FEATURES = Asset("diabetes_features")


# One run at a time, so that no other run creates the experiment between a look and its creation.
@dag(schedule=None, max_active_runs=1, tags=["mlflow", "pipeline"], doc_md=__doc__, default_args={"retries": 0})
def feature_eng():
    @task
    def create_experiment() -> str:
        """Returns the id of the experiment `Diabetes`, and creates it when there is none."""
        import mlflow

        found = mlflow.get_experiment_by_name(EXPERIMENT)
        if found is None:
            location = f"{ARTIFACT_ROOT}/{EXPERIMENT.lower()}" if ARTIFACT_ROOT else None
            return mlflow.create_experiment(EXPERIMENT, artifact_location=location)
        if found.lifecycle_stage == "deleted":
            # MLflow keeps a deleted experiment's name, so a new one could not be created.
            mlflow.MlflowClient().restore_experiment(found.experiment_id)
        return found.experiment_id

    @task(outlets=[FEATURES])
    def scale_features(experiment_id: str) -> None:
        """Splits the rows, scales them, records the scaler in a run `Features`, and stores both parts in the bucket."""
        import warnings

        # skops, which stores the model, looks at every module that is loaded, and Airflow answers with a thousand warnings.
        with warnings.catch_warnings(action="ignore"):
            import skops.io  # noqa: F401

        import mlflow
        import sklearn
        from mlflow.models import infer_signature
        from sklearn.datasets import load_diabetes
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler

        data = load_diabetes(as_frame=True, scaled=False)
        train, test = train_test_split(data.frame, test_size=0.25, random_state=0)
        # Fitted to the training rows alone: nothing of the test rows may reach the model before it is judged by them.
        scaler = StandardScaler().fit(train[data.feature_names])

        def scale(rows: DataFrame) -> DataFrame:
            scaled = rows.copy()
            scaled[data.feature_names] = scaler.transform(rows[data.feature_names])
            return scaled

        scaled_train, scaled_test = scale(train), scale(test)
        context = get_current_context()

        with mlflow.start_run(experiment_id=experiment_id, run_name="Features") as run:
            mlflow.set_tags({"airflow.dag_id": context["dag"].dag_id, "airflow.run_id": context["run_id"]})
            mlflow.log_params({"train_rows": len(train), "test_rows": len(test)})
            for name, mean, spread in zip(data.feature_names, scaler.mean_, scaler.scale_, strict=True):
                mlflow.log_metrics({f"mean_{name}": mean, f"scale_{name}": spread})
            mlflow.sklearn.log_model(
                scaler,
                name="scaler",
                signature=infer_signature(train[data.feature_names], scaled_train[data.feature_names]),
                # Without this list MLflow loads the model once more, in a new process, only to see which packages it
                # imports: half the time of the task.
                pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"mlflow=={mlflow.__version__}"],
                # What a scaler does when it is loaded without knowing that it is one.
                pyfunc_predict_fn="transform",
            )
            folder = f"data/diabetes/features/{run.info.run_id}"
            stored = {
                "train_csv": write_csv(scaled_train, f"{folder}/train.csv"),
                "test_csv": write_csv(scaled_test, f"{folder}/test.csv"),
            }
            mlflow.set_tags(stored)
        # Travels with the asset's event, and is all that the next DAG has to know.
        context["outlet_events"][FEATURES].extra = stored

    scale_features(create_experiment())


def write_csv(rows: DataFrame, key: str) -> str:
    """Stores a table in the bucket, each row under its number in the data set, and returns its URI."""
    import boto3

    body = rows.to_csv(index_label="row").encode()
    # Address and keys come from the environment: AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
    boto3.client("s3").put_object(Bucket=ARTIFACT_BUCKET, Key=key, Body=body, ContentType="text/csv")
    return f"s3://{ARTIFACT_BUCKET}/{key}"


feature_eng()
