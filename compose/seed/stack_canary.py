"""The smallest pipeline that touches everything: `stack prove` runs it, checks what it left, and removes it."""

from datetime import datetime

try:
    from airflow.sdk import dag, task
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task


@dag(dag_id="stack_canary", schedule=None, start_date=datetime(2026, 1, 1), tags=["stack-canary"], max_active_runs=1)
def stack_canary():
    @task(retries=0)
    def log_to_mlflow(params=None, dag_run=None):
        import os

        import mlflow

        token, content = dag_run.conf["token"], bytes.fromhex(dag_run.conf["content"])
        root, folder = os.environ["ARTIFACT_ROOT"], os.environ["MLFLOW_EXPERIMENT_FOLDER"]
        experiment = mlflow.create_experiment(
            "/".join(filter(None, [folder, f"stack-canary-{token}"])),
            artifact_location=f"{root}/stack-canary/{token}" if root else None,
        )
        with mlflow.start_run(experiment_id=experiment, run_name="canary"):
            mlflow.log_param("token", token)
            mlflow.log_metric("bytes", len(content))
            path = f"/tmp/{token}.bin"
            try:
                with open(path, "wb") as file:
                    file.write(content)
                mlflow.log_artifact(path)
            finally:
                os.remove(path)

    log_to_mlflow()


stack_canary()
