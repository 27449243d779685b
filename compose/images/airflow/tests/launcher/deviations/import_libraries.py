"""python import_libraries.py ANSWER plain|preloaded: what importing the libraries ahead does to an interpreter."""

import contextlib
import gc
import importlib
import io
import json
import os
import sys

answer, whose = sys.argv[1:]

from airflow.executors import local_executor  # noqa: E402, F401
from stack_launcher.deviations import libraries  # noqa: E402
from stack_traps import AfterImport  # noqa: E402

before = dict(sys.modules)


def draw():
    import numpy

    return float(numpy.random.random())


def fork(run):
    """What `run` returns in a fork."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, json.dumps(run()).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        told = json.load(file)
    os.wait()
    return told


output = io.StringIO()
if whose == "preloaded":
    with contextlib.redirect_stdout(output):
        libraries.import_libraries()
else:
    # skops as it is.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, AfterImport)]
    for name in libraries.MODULES:
        importlib.import_module(name)

worker = lambda: [fork(draw), fork(draw)]  # noqa: E731
trusted = importlib.import_module("skops.io._trusted_types")
told = {
    "output": output.getvalue(),
    "lost": sorted(name for name, one in before.items() if sys.modules.get(name) is not one),
    "has": [name in sys.modules for name in libraries.MODULES],
    # What it found in the modules it looked through.
    "trusted": {name: list(names) for name, names in vars(trusted).items() if name.endswith("_TYPE_NAMES")},
    "collects": gc.isenabled(),
    "drawn": [*fork(worker), *fork(worker)],
    "of a task and two that it forked": fork(lambda: fork(lambda: [fork(draw), fork(draw)])),
}
with open(answer, "w") as file:
    json.dump(told, file)
sys.stdout.flush()
# Some libraries leave threads that an interpreter would wait for at its end.
os._exit(0)
