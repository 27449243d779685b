import pytest
from stack_launcher.deviations import switches
from stack_launcher.deviations.switches import NAMES, TESTED_AIRFLOW, airflow_version, read_switches

TESTED = min(TESTED_AIRFLOW)


def all_off():
    return {f"STACK_LAUNCHER_{name}": "off" for name in NAMES}


def test_all_are_on_unless_told_otherwise():
    read = read_switches({}, TESTED)
    assert (read.on, read.warning) == (frozenset(NAMES), None)
    assert all(read.is_on(name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["off", "OFF", "Off", "false", "False", "0", "no", "NO"])
def test_each_is_turned_off_alone(name, value):
    read = read_switches({f"STACK_LAUNCHER_{name}": value}, TESTED)
    assert read.on == frozenset(NAMES) - {name}
    assert not read.is_on(name)
    assert read.warning is None


@pytest.mark.parametrize("value", ["", "on", "true", "1", "yes", "offline"])
def test_anything_else_leaves_it_on(value):
    assert read_switches({"STACK_LAUNCHER_GC": value}, TESTED).is_on("GC")


@pytest.mark.parametrize("version", ["3.3.1", "3.3.20", "3.4.0", "2.11.0", "of an unknown version"])
def test_an_untested_version_turns_all_off_with_one_warning(version):
    read = read_switches({"STACK_LAUNCHER_ROUTES": "off"}, version)
    assert read.on == frozenset()
    others = ", ".join(sorted(set(NAMES) - {"ROUTES"}))
    assert "GC, HOSTS, LEFTOVERS, MIGRATION" in others
    assert read.warning == f"off, since they were not tested with Airflow {version}: {others}"


def test_nothing_is_told_of_what_the_user_turned_off():
    read = read_switches(all_off(), "3.4.0")
    assert (read.on, read.warning) == (frozenset(), None)


def test_without_airflow_the_version_is_unknown(monkeypatch):
    def version(name):
        raise switches.PackageNotFoundError(name)

    monkeypatch.setattr(switches, "version", version)
    assert airflow_version() == "of an unknown version"
    assert read_switches({}, airflow_version()).on == frozenset()


@pytest.mark.image
def test_the_image_has_a_tested_version():
    import airflow

    assert airflow_version() == "3.3.2" == airflow.__version__
    assert airflow_version() in TESTED_AIRFLOW


@pytest.mark.image
def test_asking_for_the_version_does_not_import_airflow(python):
    code = """
import json, sys
from stack_launcher.deviations.switches import airflow_version
airflow_version()
json.dump("airflow" in sys.modules, open(sys.argv[1], "w"))
"""
    assert python.run(code) is False
