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
    import_skops()
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


# What skops may see while it is imported: what it uses.
VISIBLE = frozenset(
    "numpy scipy sklearn pandas packaging rich psutil joblib threadpoolctl skops typing_extensions narwhals "
    "dateutil pygments prettytable wcwidth cython_runtime __main__".split()
)


def import_skops() -> None:
    """skops looks through every module there is for functions of numpy's, and by that wakes Airflow's lazy modules,
    for seconds. So all that it doesn't use is out of its sight meanwhile."""
    try:
        for name in ("numpy", "scipy.special", "sklearn.utils", "pandas", "packaging.version", "psutil"):
            importlib.import_module(name)
    except Exception:
        return
    visible = VISIBLE | set(sys.stdlib_module_names)
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] not in visible}
    try:
        importlib.import_module("skops.io")
    except Exception:
        # As above: who needs it will say so.
        pass
    finally:
        sys.modules.update(hidden)
