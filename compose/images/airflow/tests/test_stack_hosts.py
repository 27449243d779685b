"""Runs in any Python: Airflow is stood in for; the real one is asked by tests on a running stack."""

import subprocess
import sys

import pytest
import stack_hosts
from stack_launcher.deviations.switches import AIRFLOW

RECIPE = stack_hosts.__file__.rpartition("/")[0]
TESTED = min(AIRFLOW.versions)
APPLICATION = """
class App(list):
    def add_middleware(self, kind, **options):
        self.append(kind.__name__)


def create_app(apps):
    return App([apps])
"""
PROGRAM = """
import sys
sys.path[:0] = sys.argv[1:]
import stack_hosts
from airflow.api_fastapi import app
print(*app.create_app(apps="all"))
"""


def created(folder, version=TESTED, **env):
    """What the stand-in's application was made of, and what was said."""
    package = folder / "airflow" / "api_fastapi"
    package.mkdir(parents=True)
    for init in (folder / "airflow", package):
        (init / "__init__.py").touch()
    (package / "app.py").write_text(APPLICATION)
    info = folder / f"apache_airflow_core-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: apache-airflow-core\nVersion: {version}\n")
    # No site packages: the image's would set the trap first.
    program = [sys.executable, "-S", "-c", PROGRAM, str(folder), RECIPE]
    told = subprocess.run(program, env=env, capture_output=True, text=True, check=True)
    return told.stdout.split(), told.stderr


def test_the_application_checks_the_host_when_it_is_asked_to(tmp_path):
    assert created(tmp_path, STACK_API_HOSTS="on") == (["all", "HostCheck"], "")


@pytest.mark.parametrize("env", [{}, {"STACK_API_HOSTS": "off"}])
def test_the_application_stays_as_it_is_unless_asked(tmp_path, env):
    assert created(tmp_path, **env) == (["all"], "")


def test_one_switch_turns_it_off_in_both_layouts(tmp_path):
    assert created(tmp_path, STACK_API_HOSTS="on", STACK_LAUNCHER_HOSTS="off") == (["all"], "")


def test_an_untested_airflow_is_left_alone_with_a_warning(tmp_path):
    made, said = created(tmp_path, version="99.0", STACK_API_HOSTS="on")
    assert made == ["all"]
    assert said == (
        "stack_hosts answers requests under any name: off, since they were not tested with Airflow 99.0: HOSTS\n"
    )
