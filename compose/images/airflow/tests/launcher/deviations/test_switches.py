import pytest
from fakes import version_as_tested
from stack_launcher.deviations import switches
from stack_launcher.deviations.switches import AIRFLOW, LEANS_ON, NAMES, installed, read_switches


def all_off():
    return {f"STACK_LAUNCHER_{name}": "off" for name in NAMES}


def versions(**others):
    """Tested ones, but for `others`."""
    return lambda package: others.get(package.replace("-", "_")) or version_as_tested(package)


def test_all_are_on_unless_told_otherwise():
    read = read_switches({}, versions())
    assert (read.on, read.warning) == (frozenset(NAMES), None)
    assert all(read.is_on(name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["off", "OFF", "Off", "false", "False", "0", "no", "NO"])
def test_each_is_turned_off_alone(name, value):
    read = read_switches({f"STACK_LAUNCHER_{name}": value}, versions())
    assert read.on == frozenset(NAMES) - {name}
    assert not read.is_on(name)
    assert read.warning is None


@pytest.mark.parametrize("value", ["", "on", "true", "1", "yes", "offline"])
def test_anything_else_leaves_it_on(value):
    assert read_switches({"STACK_LAUNCHER_GC": value}, versions()).is_on("GC")


@pytest.mark.parametrize("version", ["3.3.1", "3.3.20", "3.4.0", "2.11.0", "of an unknown version"])
def test_an_untested_version_turns_all_off_with_one_warning(version):
    # Also those that lean on something else that is untested: the reason is told once.
    found = versions(apache_airflow_core=version, cadwyn="7.0.1")
    read = read_switches({"STACK_LAUNCHER_ROUTES": "off"}, found)
    assert read.on == frozenset()
    others = ", ".join(sorted(set(NAMES) - {"ROUTES"}))
    assert "GC, HOSTS, LEFTOVERS, MIGRATION" in others
    assert read.warning == f"off, since they were not tested with Airflow {version}: {others}"


@pytest.mark.parametrize(
    ("package", "version", "name", "title"),
    [
        ("fastapi", "0.136.4", "ROUTES", "FastAPI"),
        ("fastapi", "0.137.0", "ROUTES", "FastAPI"),
        ("cadwyn", "7.0.1", "NEWEST", "Cadwyn"),
        ("cadwyn", "of an unknown version", "NEWEST", "Cadwyn"),
        ("apache_airflow_task_sdk", "1.3.3", "CHILD_ENDS", "Airflow's task SDK"),
        ("watchfiles", "1.3.0", "WATCH", "watchfiles"),
    ],
)
def test_an_untested_package_turns_off_with_a_warning_what_leans_on_it(package, version, name, title):
    found = versions(**{package: version})
    read = read_switches({}, found)
    assert read.on == frozenset(NAMES) - {name}
    assert read.warning == f"off, since they were not tested with {title} {version}: {name}"
    assert read_switches({f"STACK_LAUNCHER_{name}": "off"}, found).warning is None


def test_two_untested_packages_are_told_in_one_warning():
    read = read_switches({}, versions(fastapi="0.137.0", cadwyn="8.0.0"))
    assert read.on == frozenset(NAMES) - {"NEWEST", "ROUTES"}
    assert read.warning == (
        "off, since they were not tested with Cadwyn 8.0.0: NEWEST; "
        "off, since they were not tested with FastAPI 0.137.0: ROUTES"
    )


def test_nothing_is_told_of_what_the_user_turned_off():
    read = read_switches(all_off(), versions(apache_airflow_core="3.4.0"))
    assert (read.on, read.warning) == (frozenset(), None)


def test_those_of_another_use_are_neither_read_nor_told_of():
    assert read_switches({}, versions(), names=["HOSTS"]).on == {"HOSTS"}
    read = read_switches({}, versions(apache_airflow_core="3.4.0", cadwyn="8.0.0"), names=["HOSTS"])
    assert (read.on, read.warning) == (frozenset(), "off, since they were not tested with Airflow 3.4.0: HOSTS")


def test_without_airflow_the_version_is_unknown(monkeypatch):
    def version(name):
        raise switches.PackageNotFoundError(name)

    monkeypatch.setattr(switches, "version", version)
    assert installed(AIRFLOW.package) == "of an unknown version"
    assert read_switches({}).on == frozenset()


@pytest.mark.image
def test_the_image_has_tested_versions():
    import airflow

    assert installed(AIRFLOW.package) == "3.3.2" == airflow.__version__
    for tested in (AIRFLOW, *LEANS_ON.values()):
        assert installed(tested.package) in tested.versions


@pytest.mark.image
def test_asking_for_the_versions_does_not_import_airflow(python):
    code = """
import json, sys
from stack_launcher.deviations.switches import read_switches
read_switches({})
json.dump("airflow" in sys.modules, open(sys.argv[1], "w"))
"""
    assert python.run(code) is False
