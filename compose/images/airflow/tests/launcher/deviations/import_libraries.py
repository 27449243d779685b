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

before = dict(sys.modules)
hidden_now = None
stock_import = importlib.import_module


def watch(name, package=None):
    """Notes which modules skops brought in a second time, while the first was out of sight."""
    global hidden_now
    module = stock_import(name, package)
    if name == "skops.io" and hidden_now is None:
        hidden_now = sorted(one for one in before if one in sys.modules and sys.modules[one] is not before[one])
    return module


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
    importlib.import_module = watch
    with contextlib.redirect_stdout(output):
        libraries.import_libraries()
    importlib.import_module = stock_import
else:
    for name in libraries.MODULES:
        importlib.import_module(name)
    import skops.io  # noqa: F401

worker = lambda: [fork(draw), fork(draw)]  # noqa: E731
trusted = stock_import("skops.io._trusted_types")
told = {
    "output": output.getvalue(),
    "lost": sorted(name for name, one in before.items() if sys.modules.get(name) is not one),
    "twice": hidden_now,
    "has": [name in sys.modules for name in (*libraries.MODULES, "skops.io")],
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
