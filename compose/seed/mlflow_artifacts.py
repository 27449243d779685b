"""Reads or deletes what a run left, wherever its MLflow keeps it, with the client and the login that tasks use.

Runs in an Airflow container. The one argument is a JSON object: "run_id", "path" (a file of the run, or null), "model_ids",
"model" (the name that the run's model was logged with, or null), and "delete". The last line of the output is a JSON object: "content" (base64; null when there is none) and "files".
"""

import base64
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository


def walk(repository, path=None):
    for entry in repository.list_artifacts(path):
        if entry.is_dir:
            yield from walk(repository, entry.path)
        else:
            yield {"key": entry.path, "bytes": entry.file_size or 0}


def read(repository, path):
    if path is None:
        return None
    with TemporaryDirectory() as folder:
        try:
            return base64.b64encode(Path(repository.download_artifacts(path, folder)).read_bytes()).decode()
        except (MlflowException, OSError) as error:
            print(f"no {path}: {error}", file=sys.stderr)
            return None


question = json.loads(sys.argv[1])
run = mlflow.get_run(question["run_id"])
repository = get_artifact_repository(run.info.artifact_uri)
answer = {"content": read(repository, question["path"]), "files": []}
for model_id in question["model_ids"]:
    model = mlflow.MlflowClient().get_logged_model(model_id)
    answer["files"] += list(walk(get_artifact_repository(model.artifact_location)))
if question["model"] is not None and not question["model_ids"]:
    # A 2.x client keeps a model inside its run.
    answer["files"] += list(walk(repository, question["model"]))
if question["delete"]:
    try:
        repository.delete_artifacts()
    except (MlflowException, NotImplementedError) as error:
        # Not every store lets its clients delete.
        print(f"not deleted: {error}", file=sys.stderr)
print(json.dumps(answer))
