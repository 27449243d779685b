"""
### A pipeline of three DAGs, third part: predictions

`feature_eng` -> `train` -> `predict`

| task | what it leaves |
|---|---|
| `predict_test_rows` | predictions for the rows that the model has not seen: a CSV file in the bucket, a run `Predictions` |
| `plot_predictions` | a plot of them, as an artifact of that run |

It starts by itself when `train` has updated the asset `diabetes_model`. The model comes from MLflow's registry by its
alias, so this DAG never has to know a version, a run or a file name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from airflow.sdk import Asset, dag, get_current_context, task

# Airflow reads this file again and again, so anything slow to import is imported by the task that needs it.
if TYPE_CHECKING:
    from pandas import DataFrame

EXPERIMENT = "Diabetes"
REGISTERED_MODEL = "diabetes-ridge"
ALIAS = "champion"
ARTIFACT_BUCKET = os.environ.get("ARTIFACT_BUCKET", "mlflow")
MODEL = Asset("diabetes_model")


@dag(schedule=[MODEL], max_active_runs=1, tags=["mlflow", "pipeline"], doc_md=__doc__, default_args={"retries": 0})
def predict():
    @task
    def predict_test_rows() -> dict[str, str]:
        """Predicts with the champion, and stores what it says beside what is true; returns the run and the file."""
        import warnings

        # skops, which reads the model, looks at every module that is loaded, and Airflow answers with a thousand warnings.
        with warnings.catch_warnings(action="ignore"):
            import skops.io  # noqa: F401

        import mlflow
        import pandas as pd
        from sklearn.metrics import mean_absolute_error, r2_score

        # The number first: the alias may move while this task works, and then the record would name another version.
        version = mlflow.MlflowClient().get_model_version_by_alias(REGISTERED_MODEL, ALIAS)
        model = mlflow.pyfunc.load_model(f"models:/{REGISTERED_MODEL}/{version.version}")
        rows = read_csv(version.tags["test_csv"])
        predicted = model.predict(rows.drop(columns=["row", "target"]))
        table = pd.DataFrame({"row": rows["row"], "actual": rows["target"], "predicted": predicted})
        context = get_current_context()

        mlflow.set_experiment(EXPERIMENT)
        with mlflow.start_run(run_name="Predictions") as run:
            uri = write_csv(table, f"data/diabetes/predictions/{run.info.run_id}.csv")
            mlflow.set_tags(
                {
                    "airflow.dag_id": context["dag"].dag_id,
                    "airflow.run_id": context["run_id"],
                    "model_version": version.version,
                    "test_csv": version.tags["test_csv"],
                    "predictions_csv": uri,
                }
            )
            mlflow.log_metrics(
                {
                    "test_mean_absolute_error": mean_absolute_error(table["actual"], table["predicted"]),
                    "test_r2_score": r2_score(table["actual"], table["predicted"]),
                }
            )
        return {"run_id": run.info.run_id, "predictions_csv": uri}

    @task
    def plot_predictions(made: dict[str, str]) -> None:
        """Draws predictions against the truth into the same run; the nearer to the line, the better."""
        import mlflow
        from matplotlib.figure import Figure

        table = read_csv(made["predictions_csv"])
        # A figure of its own, without pyplot: no window, and nothing that stays in memory after the task.
        axes = (figure := Figure(figsize=(6, 6))).subplots()
        axes.scatter(table["actual"], table["predicted"], alpha=0.6)
        axes.axline((table["actual"].mean(), table["actual"].mean()), slope=1, color="grey", linestyle="--")
        axes.set(xlabel="actual", ylabel="predicted", title="Progression of diabetes after one year")
        with mlflow.start_run(run_id=made["run_id"]):
            mlflow.log_figure(figure, "predictions.png")

    plot_predictions(predict_test_rows())


def read_csv(uri: str) -> DataFrame:
    """Reads a table from the bucket, every number exactly as it was written."""
    import boto3
    import pandas as pd

    bucket, key = uri.removeprefix("s3://").split("/", maxsplit=1)
    # Address and keys come from the environment: AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    return pd.read_csv(body, float_precision="round_trip")


def write_csv(rows: DataFrame, key: str) -> str:
    """Stores a table in the bucket, and returns its URI."""
    import boto3

    body = rows.to_csv(index=False).encode()
    boto3.client("s3").put_object(Bucket=ARTIFACT_BUCKET, Key=key, Body=body, ContentType="text/csv")
    return f"s3://{ARTIFACT_BUCKET}/{key}"


predict()
