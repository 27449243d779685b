from pathlib import Path

import pytest
from fakes import version_as_tested
from stack_launcher import launch as module
from stack_launcher.deviations.switches import NAMES, read_switches
from stack_launcher.launch import main
from stack_launcher.settings import Settings

URL = "postgresql://db/airflow"


def test_settings_that_can_not_be_read_are_told(monkeypatch, capsys):
    monkeypatch.setattr(module.os, "environ", {})
    monkeypatch.setattr(module, "launch", lambda *_: pytest.fail("was started"))
    assert main() == 2
    assert capsys.readouterr().err.startswith("launcher: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN must be")


def test_the_environment_is_what_it_starts_with(monkeypatch):
    told = []
    env = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": URL, "STACK_STOP_LIMIT": "5", "STACK_LAUNCHER_GC": "off"}
    monkeypatch.setattr(module.os, "environ", env)
    monkeypatch.setattr(module, "read_switches", lambda env: read_switches(env, version_as_tested))
    monkeypatch.setattr(module.signal, "signal", lambda number, _: told.append(number))
    monkeypatch.setattr(module, "launch", lambda *args: told.extend(args) or 5)
    assert main() == 5
    number, settings, switches, _ = told
    assert number == module.signal.SIGTERM
    assert settings == Settings(URL, 5.0, Path("/tmp/stack"))
    assert switches.on == frozenset(NAMES) - {"GC"}
