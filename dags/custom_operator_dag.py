"""
### An operator of your own, built from a hook

The MLflow provider has operators for a model's stages, which MLflow has given up for **aliases**, and none for an alias.
Its client hook reaches every endpoint of MLflow's REST API, so an operator for a missing one takes a few lines:
`SetModelAliasOperator` below.

| task | what it does |
|---|---|
| `train` | trains a classifier on the iris flowers, and registers it as the next version of `iris-classifier` |
| `set_champion` | gives that version the alias `champion`, which the version before it loses |
| `predict` | loads whatever version is the champion, by `models:/iris-classifier@champion` |
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator, dag, task

MODEL = "iris-classifier"
ALIAS = "champion"


class SetModelAliasOperator(BaseOperator):
    """Makes `alias` of the registered model `name` mean `version`; returns the version as a string."""

    # What may hold a template, or the result of another task.
    template_fields = ("name", "alias", "version")

    def __init__(
        self,
        *,
        name: str,
        alias: str,
        version: str,
        mlflow_conn_id: str = "mlflow_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.name = name
        self.alias = alias
        self.version = version
        self.mlflow_conn_id = mlflow_conn_id

    def execute(self, context: Any) -> str:
        # Here and not above: Airflow reads this file again and again, and only this task needs the hook.
        from mlflow_provider.hooks.client import MLflowClientHook

        response = MLflowClientHook("POST", mlflow_conn_id=self.mlflow_conn_id).run(
            "api/2.0/mlflow/registered-models/alias",
            request_params={"name": self.name, "alias": self.alias, "version": self.version},
        )
        # The hook hands back a refusal as it does any answer; without this line the task would succeed.
        if not response.ok:
            raise RuntimeError(f"MLflow refused the alias: {response.status_code} {response.text}")
        self.log.info("%s@%s is version %s", self.name, self.alias, self.version)
        return self.version


@dag(schedule=None, tags=["mlflow", "example"], doc_md=__doc__, default_args={"retries": 0})
def custom_operator_dag():
    @task
    def train() -> str:
        """Returns the version that the model was registered as."""
        import mlflow
        import sklearn
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression

        features, species = load_iris(return_X_y=True)
        with mlflow.start_run(run_name="Iris"):
            model = LogisticRegression(max_iter=1000).fit(features, species)
            mlflow.log_metric("training_accuracy", model.score(features, species))
            logged = mlflow.sklearn.log_model(
                model,
                name="classifier",
                registered_model_name=MODEL,
                pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"mlflow=={mlflow.__version__}"],
            )
        return str(logged.registered_model_version)

    @task
    def predict() -> list[int]:
        """The champion's answers for the first flower of each species."""
        import mlflow
        from sklearn.datasets import load_iris

        flowers = load_iris().data[[0, 50, 100]]
        return mlflow.pyfunc.load_model(f"models:/{MODEL}@{ALIAS}").predict(flowers).tolist()

    set_champion = SetModelAliasOperator(
        task_id="set_champion",
        name=MODEL,
        alias=ALIAS,
        version=train(),
        # The hook has no time-out of its own; a server that doesn't answer would hold the task for ever.
        execution_timeout=timedelta(minutes=1),
    )
    set_champion >> predict()


custom_operator_dag()
