"""The libraries that the nursery imports for its workers, and what has to be done so that nobody notices."""

from __future__ import annotations

import gc
import importlib
import os
import sys

MODULES = (
    "pandas",
    "sklearn.preprocessing",
    "sklearn.datasets",
    "skops.io",
    "boto3",
    "mlflow",
    "mlflow.sklearn",
    "mlflow.pyfunc",
    "mlflow.store.artifact.s3_artifact_repo",
    "mlflow.store.artifact.mlflow_artifacts_repo",
    "mlflow_provider.hooks.client",
    "mlflow_provider.operators.registry",
    "airflow.providers.standard.decorators.python",
)
# A fork of the nursery is a worker, and a fork of that runs a task.
TASK_DEPTH = 2


def import_libraries() -> None:
    gc.disable()
    for name in MODULES:
        try:
            importlib.import_module(name)
        except Exception as error:
            # A task that needs it will say so itself, better than this can.
            print(f"{name} is not imported ahead: {error}", flush=True)
    reseed_in_tasks()
    gc.collect()
    gc.freeze()
    gc.enable()


def reseed_in_tasks() -> None:
    """numpy takes the seed of its common generator when it is imported: tasks would all draw the same numbers.

    What a task forks itself shares the task's numbers, as it does anywhere.
    """
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return
    depth = 0

    def reseed() -> None:
        nonlocal depth
        depth += 1
        if depth <= TASK_DEPTH:
            numpy.random.seed()

    os.register_at_fork(after_in_child=reseed)
