"""What the tests of several departures share."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
RECIPE = HERE.parent.parent.parent
# For a machine that has much else to do.
PATIENCE_S = 150
sys.path.insert(0, str(HERE))


class Python:
    """Fresh interpreters with an Airflow home of their own; each tells what it found as JSON in a file."""

    def __init__(self, folder):
        self.folder = folder
        self._started = 0

    def run(self, script, *arguments, **variables):
        """`script` is a file beside this one, or code, which finds the path of its answer in sys.argv[1]."""
        self._started += 1
        home = self.folder / f"python-{self._started}"
        home.mkdir()
        answer = home / "answer.json"
        program = [str(HERE / script)] if script.endswith(".py") else ["-c", script]
        process = subprocess.Popen(
            [sys.executable, *program, str(answer), *arguments],
            cwd=home,
            env=self._environment(home, variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=PATIENCE_S)
        finally:
            # With all that it has started.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert process.returncode == 0, output
        return json.loads(answer.read_text())

    def run_both(self, script, first, second):
        """At the same time, each with the arguments given for it."""
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(self.run, script, *arguments) for arguments in (first, second)]
            return [one.result() for one in runs]

    def _environment(self, home, variables):
        env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "HOME")}
        if (RECIPE / "stack_launcher").is_dir():
            env["PYTHONPATH"] = str(RECIPE)
        # The same order of sets in all of them, so that they can be compared.
        return {**env, "HOME": str(home), "AIRFLOW_HOME": str(home), "PYTHONHASHSEED": "0", **variables}


@pytest.fixture
def stand_in_job(monkeypatch):
    """Puts a module that holds these names where `airflow.jobs` has one, and gives it."""

    def put(name, **held):
        module = ModuleType(f"airflow.jobs.{name}")
        vars(module).update(held)
        jobs = ModuleType("airflow.jobs")
        setattr(jobs, name, module)
        for one in (ModuleType("airflow"), jobs, module):
            monkeypatch.setitem(sys.modules, one.__name__, one)
        return module

    return put


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    return Python(tmp_path_factory.mktemp("interpreters"))


@pytest.fixture(scope="session")
def apis(python):
    """The API server's application, as stock and with routes put off: see describe_apis.py."""
    return python.run_both("describe_apis.py", ["stock"], ["deferred"])
