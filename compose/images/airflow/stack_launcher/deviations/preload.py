"""Forks the LocalExecutor's workers from a process that has imported the usual ML libraries, because importing them
takes a task three seconds or more, again and again."""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time
from typing import Any

from stack_launcher.deviations import is_on
from stack_launcher.status import HEALTHY

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
# Nobody waits for the import, but the start does for the processor.
PATIENCE_S = 60.0


def install() -> None:
    """In the scheduler's process: its LocalExecutor gets its workers from a nursery of ours."""
    if not is_on("PRELOAD"):
        return
    from airflow.executors.local_executor import LocalExecutor

    LocalExecutor._spawn_workers_with_gc_freeze = _spawn_nursery  # type: ignore[method-assign]
    LocalExecutor._check_workers = _check_nursery  # type: ignore[method-assign]
    LocalExecutor.end = _end  # type: ignore[method-assign]


def _spawn_nursery(executor: Any, _count: int) -> None:
    arguments = {
        "logger_name": executor.log.name,
        "input": executor.activity_queue,
        "output": executor.result_queue,
        "unread_messages": executor._unread_messages,
        "team_conf": executor.conf,
    }
    gc.freeze()
    nursery = multiprocessing.Process(target=_run_nursery, args=(executor.parallelism, arguments))
    nursery.start()
    gc.unfreeze()
    executor.workers[nursery.pid] = nursery


def _check_nursery(executor: Any) -> None:
    """The executor's own check counts workers; here there is one process, which replaces its workers itself."""
    for pid, nursery in list(executor.workers.items()):
        if not nursery.is_alive():
            nursery.close()
            del executor.workers[pid]
    if not executor.workers:
        _spawn_nursery(executor, executor.parallelism)


def _end(executor: Any) -> None:
    """As the executor's own, with a closing message for each worker of the nursery."""
    executor.log.info("Shutting down LocalExecutor; waiting for running tasks to finish.")
    for nursery in executor.workers.values():
        if nursery.is_alive():
            for _ in range(executor.parallelism):
                executor.activity_queue.put(None)
            nursery.join()
        nursery.close()
    executor._read_results()
    executor.activity_queue.close()
    executor.result_queue.close()


def _run_nursery(count: int, arguments: dict[str, Any]) -> None:
    from airflow.executors.local_executor import _run_worker

    scheduler = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _wait_until_healthy(scheduler, arguments["input"])
    _import_libraries()

    def start_worker() -> multiprocessing.Process:
        worker = multiprocessing.Process(target=_run_as_worker, args=(_run_worker, arguments))
        worker.start()
        return worker

    workers = [start_worker() for _ in range(count)]
    while workers:
        multiprocessing.connection.wait([one.sentinel for one in workers], timeout=1.0)
        if os.getppid() != scheduler:
            # Its queue will bring no more closing messages; those that wait for one get it from here.
            for _ in workers:
                arguments["input"].put(None)
            scheduler = os.getppid()
        for worker in [one for one in workers if not one.is_alive()]:
            workers.remove(worker)
            # A worker that was told to close ends well; any other end was an accident.
            if worker.exitcode != 0:
                workers.append(start_worker())


def _run_as_worker(run_worker: Any, arguments: dict[str, Any]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    run_worker(**arguments)


def _wait_until_healthy(scheduler: int, queue: Any) -> None:
    """Or until there is work, or a message to close."""
    deadline = time.monotonic() + PATIENCE_S
    while not HEALTHY.exists() and queue.empty() and time.monotonic() < deadline and os.getppid() == scheduler:
        time.sleep(0.1)


def _import_libraries() -> None:
    gc.disable()
    _import_skops()
    for name in MODULES:
        try:
            importlib.import_module(name)
        except Exception as error:
            # A task that needs it will say so itself, better than this can.
            print(f"launcher: {name} is not preloaded: {error}", flush=True)
    gc.collect()
    gc.freeze()
    gc.enable()


# What skops may see while it is imported; see _import_skops.
VISIBLE = frozenset(
    "numpy scipy sklearn pandas packaging rich psutil joblib threadpoolctl skops typing_extensions narwhals "
    "dateutil pygments prettytable wcwidth __main__".split()
)


def _import_skops() -> None:
    """skops looks through every module there is for functions of numpy, and by that wakes Airflow's lazy modules, for
    seconds. So the others are out of sight meanwhile."""
    try:
        for name in ("numpy", "scipy.special", "sklearn.utils", "pandas", "packaging.version", "psutil"):
            importlib.import_module(name)
    except ImportError:
        return
    keep = VISIBLE | set(sys.stdlib_module_names)
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] not in keep}
    try:
        import skops.io  # noqa: F401
    except ImportError:
        pass
    finally:
        sys.modules.update(hidden)
