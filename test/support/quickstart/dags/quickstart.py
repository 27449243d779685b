"""Three DAGs chained by datasets, with what a project of 2023 used: astro-sdk, S3 hooks, MLflow's hooks and operators."""

import os

from airflow import Dataset
from airflow.decorators import dag, task
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from astro import sql as aql
from mlflow_provider.hooks.client import MLflowClientHook
from mlflow_provider.operators.registry import (
    CreateModelVersionOperator,
    CreateRegisteredModelOperator,
    TransitionModelVersionStageOperator,
)
from pendulum import datetime

FEATURES = Dataset("s3://data/features.csv")
MODEL = Dataset("mlflow://diabetes")
START = datetime(2023, 1, 1)
TARGET = "target"


@dag(schedule=None, start_date=START, catchup=False)
def quickstart_features():
    @task
    def raw_rows():
        from sklearn.datasets import load_diabetes

        return load_diabetes(as_frame=True, scaled=False).frame

    @aql.dataframe(columns_names_capitalization="original")
    def scale(rows):
        from sklearn.preprocessing import StandardScaler

        features = rows.drop(columns=TARGET)
        scaled = StandardScaler().fit_transform(features)
        return features.assign(**dict(zip(features.columns, scaled.T))).assign(target=rows[TARGET])

    @task(outlets=[FEATURES])
    def store(rows):
        hook = S3Hook(aws_conn_id="minio_local")
        hook.load_string(rows.to_csv(index=False), key="features.csv", bucket_name="data", replace=True)

    store(scale(raw_rows()))


def read_features():
    import pandas as pd

    return pd.read_csv(S3Hook(aws_conn_id="aws_default").get_key("features.csv", "data").get()["Body"])


@dag(schedule=[FEATURES], start_date=START, catchup=False, is_paused_upon_creation=False)
def quickstart_train():
    @task
    def experiment():
        body = {"name": "Diabetes", "artifact_location": f"s3://{os.environ['ARTIFACT_BUCKET']}/diabetes"}
        answer = MLflowClientHook(mlflow_conn_id="mlflow_default", method="POST").run(
            "api/2.0/mlflow/experiments/create", request_params=body
        )
        return answer.json()["experiment_id"]

    @task
    def train(experiment_id):
        import mlflow
        from sklearn.linear_model import RidgeCV

        rows = read_features()
        mlflow.sklearn.autolog()
        with mlflow.start_run(experiment_id=experiment_id, run_name="Ridge") as run:
            RidgeCV(alphas=[0.1, 1.0, 10.0]).fit(rows.drop(columns=TARGET), rows[TARGET])
        return {"run_id": run.info.run_id, "source": f"{run.info.artifact_uri}/model"}

    trained = train(experiment())
    register = CreateRegisteredModelOperator(task_id="register", name="diabetes")
    version = CreateModelVersionOperator(
        task_id="version",
        name="diabetes",
        source="{{ ti.xcom_pull('train')['source'] }}",
        run_id="{{ ti.xcom_pull('train')['run_id'] }}",
    )
    stage = TransitionModelVersionStageOperator(
        task_id="stage", name="diabetes", version="1", stage="Production", archive_existing_versions=True, outlets=[MODEL]
    )
    trained >> register >> version >> stage


@dag(schedule=[MODEL], start_date=START, catchup=False, is_paused_upon_creation=False)
def quickstart_predict():
    @task
    def predict():
        import mlflow

        rows = read_features()
        model = mlflow.pyfunc.load_model("models:/diabetes/Production")
        rows["prediction"] = model.predict(rows.drop(columns=TARGET))
        S3Hook(aws_conn_id="minio_local").load_string(
            rows[[TARGET, "prediction"]].to_csv(index=False), key="predictions.csv", bucket_name="data"
        )

    predict()


quickstart_features()
quickstart_train()
quickstart_predict()
