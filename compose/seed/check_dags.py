"""Imports every DAG file and plugin as Airflow's DAG processor would, and tells what came of it as JSON."""

import json
import os
import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
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

bag = DagBag(dag_folder=str(home / "dags"))
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


def trace_of_plugin(path, message):
    """Airflow keeps only the message of a plugin's failure; importing the file again tells the line."""
    if not os.path.isfile(path):
        return message
    try:
        spec = spec_from_file_location("stack_checked_plugin", path)
        spec.loader.exec_module(module_from_spec(spec))
    except BaseException:
        return traceback.format_exc()
    return message


faults = {path: trace_of_plugin(path, str(message)) for path, message in plugin_errors.items()}
faults.update(bag.import_errors)

json.dump(
    {
        "airflow": airflow.__version__,
        "dags": [
            {"dagId": dag_id, "file": below_home(dag.fileloc), "tasks": len(dag.task_ids)}
            for dag_id, dag in sorted(bag.dags.items())
        ],
        "errors": sorted(
            ({"file": below_home(path), "trace": str(trace)} for path, trace in faults.items()),
            key=lambda error: error["file"],
        ),
    },
    answer,
)
