"""In fresh interpreters, whose libraries are stand-ins; test_libraries_of_airflow.py has the real ones."""

import pytest
from stack_launcher.deviations import libraries

FILES = {
    "numpy/__init__.py": "from numpy import random",
    "numpy/random.py": "calls = []\ndef seed():\n    calls.append(1)",
    "pandas.py": "",
}
START = "import json, os, sys\nsys.path.insert(0, '.')\nfrom stack_launcher.deviations import libraries\n"


@pytest.fixture
def run(python, tmp_path):
    def start(code, **replaced):
        for path, text in {**FILES, **replaced}.items():
            if text is not None:
                file = tmp_path / path
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)
        return python.run(code.replace("sys.path.insert(0, '.')", f"sys.path.insert(0, {str(tmp_path)!r})"))

    return start


def test_tasks_are_reseeded_and_what_they_fork_is_not(run):
    code = (
        START
        + """
import numpy
libraries.reseed_in_tasks()
told = [len(numpy.random.calls)]
for depth in range(4):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid != 0:
        os.close(writer)
        below = os.read(reader, 1000)
        os.waitpid(pid, 0)
        break
    os.close(reader)
    told.append(len(numpy.random.calls))
    up = writer
if pid == 0:
    os.write(up, json.dumps(told).encode())
    os._exit(0)
if depth > 0:
    os.write(up, below)
    os._exit(0)
json.dump(json.loads(below), open(sys.argv[1], "w"))
"""
    )
    assert run(code) == [0, 1, 2, 2, 2]


def test_without_numpy_there_is_nothing_to_seed(run):
    code = START + "libraries.reseed_in_tasks()\njson.dump('numpy' in sys.modules, open(sys.argv[1], 'w'))"
    assert run(code) is False


IMPORT = (
    START
    + """
import contextlib, gc, io
libraries.MODULES = ("numpy", "broken", "missing", "pandas")
output = io.StringIO()
with contextlib.redirect_stdout(output):
    libraries.import_libraries()
json.dump({
    "output": output.getvalue().splitlines(),
    "pandas": "pandas" in sys.modules,
    "collects": gc.isenabled(),
    "frozen": gc.get_freeze_count() > 0,
}, open(sys.argv[1], "w"))
"""
)


def test_one_that_fails_is_told_and_keeps_none_of_the_others_out(run):
    told = run(IMPORT, **{"broken.py": "raise RuntimeError('too old')"})
    assert told == {
        "output": [
            "broken is not imported ahead: too old",
            "missing is not imported ahead: No module named 'missing'",
        ],
        "pandas": True,
        "collects": True,
        "frozen": True,
    }
