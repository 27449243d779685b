"""Imports every DAG file and plugin as Airflow's DAG processor would, and tells what came of it as JSON."""

import json
import os
import sys
from pathlib import Path

# What DAG files print at import must not get into the answer.
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import airflow
from airflow import plugins_manager

try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:
    from airflow.models.dagbag import DagBag

home = Path(os.environ.get("AIRFLOW_HOME", "/opt/airflow"))
sys.path[:0] = [str(home / "config"), str(home / "plugins")]

bag = DagBag(dag_folder=str(home / "dags"), include_examples=False)
plugins_manager.ensure_plugins_loaded()
if hasattr(plugins_manager, "get_import_errors"):
    plugin_errors = plugins_manager.get_import_errors()
else:
    plugin_errors = plugins_manager.import_errors


def below_home(path):
    path = Path(path)
    for folder in (home, home / "dags"):
        full = path if path.is_absolute() else folder / path
        if full.exists() and full.is_relative_to(home):
            return str(full.relative_to(home))
    return str(path)


json.dump(
    {
        "airflow": airflow.__version__,
        "dags": [
            {"dagId": dag_id, "file": below_home(dag.fileloc), "tasks": len(dag.task_ids)}
            for dag_id, dag in sorted(bag.dags.items())
        ],
        "errors": [
            {"file": below_home(path), "trace": str(trace)}
            for path, trace in sorted({**plugin_errors, **bag.import_errors}.items())
        ],
    },
    answer,
)
