"""A task as a user writes it: trains a model and logs it, without a word about its requirements."""

from airflow.sdk import dag, task


@dag(schedule=None, tags=["bench"], default_args={"retries": 0})
def bench_log_model():
    @task
    def train():
        import mlflow
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression

        features, target = load_iris(return_X_y=True, as_frame=True)
        mlflow.set_experiment("bench")
        with mlflow.start_run():
            model = LogisticRegression(max_iter=1000).fit(features, target)
            mlflow.log_metric("score", model.score(features, target))
            mlflow.sklearn.log_model(model, name="model")

    train()


bench_log_model()
