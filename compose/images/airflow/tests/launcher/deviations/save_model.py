"""python save_model.py ANSWER plain|preloaded: what mlflow writes down about a small model, and how it answers."""

import json
import os
import sys
from pathlib import Path

answer, whose = sys.argv[1:]

from stack_launcher.deviations import libraries  # noqa: E402
from stack_traps import AfterImport  # noqa: E402


def fork():
    """The child goes on; the parent ends as the child does."""
    pid = os.fork()
    if pid != 0:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if whose == "plain":
    # skops as it is, here and in the process that MLflow starts to see what the model needs.
    os.environ["STACK_SKOPS"] = "off"
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, AfterImport)]
else:
    # As in the image: what the scheduler has imported is there before.
    import airflow.executors.local_executor  # noqa: F401

    libraries.import_libraries()
    fork()
    fork()

import mlflow  # noqa: E402
import mlflow.sklearn  # noqa: E402
import numpy  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402

x = numpy.arange(12, dtype=float).reshape(6, 2)
model = LinearRegression().fit(x, x.sum(axis=1))
mlflow.sklearn.save_model(model, "model", input_example=x[:2])
loaded = mlflow.pyfunc.load_model("model")
files = {
    name: Path("model", name).read_text() for name in ("requirements.txt", "conda.yaml", "python_env.yaml")
}
Path(answer).write_text(
    json.dumps(
        {
            "files": files,
            "names": sorted(path.name for path in Path("model").iterdir()),
            "flavors": sorted(mlflow.models.Model.load("model").flavors),
            "answers": loaded.predict(x).round(6).tolist(),
        }
    )
)
sys.stdout.flush()
# Some libraries leave threads that an interpreter would wait for at its end.
os._exit(0)
