"""In fresh interpreters, whose libraries are stand-ins; test_libraries_of_airflow.py has the real ones."""

import pytest
from stack_launcher.deviations import libraries

FILES = {
    "numpy/__init__.py": "from numpy import random",
    "numpy/random.py": "calls = []\ndef seed():\n    calls.append(1)",
    "scipy/__init__.py": "",
    "scipy/special.py": "",
    "sklearn/__init__.py": "",
    "sklearn/utils.py": "",
    "pandas.py": "",
    "packaging/__init__.py": "",
    "packaging/version.py": "",
    "psutil.py": "",
    "skops/__init__.py": "",
    "skops/io.py": "import sys\nseen = sorted(sys.modules)",
}
START = "import json, os, sys\nsys.path.insert(0, '.')\nfrom stack_launcher.deviations import libraries\n"
HIDE = (
    START
    + """
from types import ModuleType
class Lazy(ModuleType):
    def __getattr__(self, name):
        raise RuntimeError("was woken")
sys.modules["lazy"], sys.modules["lazy.below"] = Lazy("lazy"), Lazy("lazy.below")
before, table = dict(sys.modules), sys.modules
try:
    libraries.import_skops()
    error = None
except BaseException as caught:
    error = type(caught).__name__
seen = getattr(sys.modules.get("skops.io"), "seen", [])
json.dump({
    "error": error,
    "same table": sys.modules is table,
    "lost": [name for name, one in before.items() if sys.modules.get(name) is not one],
    "seen": [name for name in seen if name.split(".")[0] in ("lazy", "stack_launcher")],
    "sees": [name for name in seen if name in ("numpy", "json", "__main__", "pandas")],
    "has skops": "skops.io" in sys.modules,
}, open(sys.argv[1], "w"))
"""
)


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


def test_skops_sees_only_what_it_uses_and_all_is_back_after(run):
    assert run(HIDE) == {
        "error": None,
        "same table": True,
        "lost": [],
        "seen": [],
        "sees": ["__main__", "json", "numpy", "pandas"],
        "has skops": True,
    }


@pytest.mark.parametrize("error", ["ImportError", "AttributeError", "RuntimeError"])
def test_all_is_back_when_skops_fails_and_nobody_is_hurt(run, error):
    told = run(HIDE, **{"skops/io.py": f"raise {error}('broken')"})
    assert (told["error"], told["lost"], told["has skops"]) == (None, [], False)


def test_without_what_skops_needs_it_is_left_alone(run):
    told = run(HIDE, **{"psutil.py": "raise ImportError('none')"})
    assert (told["error"], told["lost"], told["has skops"]) == (None, [], False)


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


@pytest.mark.parametrize("skops", ["", "raise RuntimeError('broken')"])
def test_one_that_fails_is_told_and_keeps_none_of_the_others_out(run, skops):
    told = run(IMPORT, **{"broken.py": "raise RuntimeError('too old')", "skops/io.py": skops})
    assert told == {
        "output": [
            "broken is not imported ahead: too old",
            "missing is not imported ahead: No module named 'missing'",
        ],
        "pandas": True,
        "collects": True,
        "frozen": True,
    }


def test_what_is_visible_covers_what_is_imported_for_skops():
    assert {"numpy", "scipy", "sklearn", "pandas", "packaging", "psutil", "skops"} <= libraries.VISIBLE
    assert "airflow" not in libraries.VISIBLE
