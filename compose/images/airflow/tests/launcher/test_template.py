import argparse
import importlib.util
import sys
from types import ModuleType, SimpleNamespace

import pytest
from stack_launcher import template
from stack_launcher.components import COMPONENTS
from stack_launcher.observer import Place


@pytest.fixture
def imported(monkeypatch):
    """Names that were asked for; those in `missing` can't be imported."""
    told = SimpleNamespace(names=[], missing=set(), providers=0, parsers=0)

    def find(name):
        told.names.append(name)
        if name in told.missing:
            raise ImportError(name)

    class ProvidersManager:
        def initialize_providers_configuration(self):
            told.providers += 1

    def get_parser():
        told.parsers += 1
        parser = argparse.ArgumentParser()
        parser.add_argument("words", nargs="*")
        parser.set_defaults(func=lambda args: told.names.append(args.words))
        return parser

    monkeypatch.setattr(template.importlib, "import_module", find)
    stand_in(monkeypatch, "airflow.providers_manager", ProvidersManager=ProvidersManager)
    stand_in(monkeypatch, "airflow.cli.cli_parser", get_parser=get_parser)
    return told


def stand_in(monkeypatch, name, **attributes):
    parts = name.split(".")
    for length in range(1, len(parts)):
        above = ".".join(parts[:length])
        monkeypatch.setitem(sys.modules, above, ModuleType(above))
    module = ModuleType(name)
    vars(module).update(attributes)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(sys.modules[".".join(parts[:-1])], parts[-1], module, raising=False)


def test_all_is_imported_with_the_providers_and_the_parser(imported):
    template.import_airflow()
    assert tuple(imported.names) == template.MODULES
    assert (imported.providers, imported.parsers) == (1, 1)


def test_another_versions_name_is_passed_over(imported):
    imported.missing = {"airflow.models.dag_version"}
    template.import_airflow()
    assert tuple(imported.names) == template.MODULES


def test_without_airflow_there_is_nothing_to_start(imported):
    imported.missing = {"airflow"}
    with pytest.raises(ImportError, match="airflow"):
        template.import_airflow()


def test_a_command_is_parsed_and_called(imported):
    template.run_command(("db", "migrate"))
    assert imported.names == [["db", "migrate"]]


@pytest.mark.parametrize("has_engine", [True, False])
def test_the_parents_connections_are_left_to_it(monkeypatch, has_engine):
    done = []
    engine = SimpleNamespace(dispose=lambda close: done.append(("dispose", close))) if has_engine else None
    settings = SimpleNamespace(engine=engine, configure_orm=lambda: done.append("configure"))
    stand_in(monkeypatch, "airflow.settings")
    sys.modules["airflow"].settings = settings
    template.own_database_engine()
    assert done == [("dispose", False)] * has_engine + ["configure"]


def test_where_the_components_are_seen(monkeypatch):
    conf = SimpleNamespace(getint=lambda *key: {("api", "port"): 8081}[key])
    stand_in(monkeypatch, "airflow.configuration", conf=conf)
    stand_in(monkeypatch, "airflow.utils.net", get_hostname=lambda: "worker-7")
    monkeypatch.setitem(sys.modules, "airflow.configuration", SimpleNamespace(conf=conf))
    assert template.place("postgresql://db/airflow") == Place("postgresql://db/airflow", 8081, "worker-7")


@pytest.mark.image
@pytest.mark.parametrize("name", template.MODULES)
def test_airflow_has_the_module(name):
    assert importlib.util.find_spec(name) is not None


@pytest.mark.image
@pytest.mark.parametrize("command", [*(one.command for one in COMPONENTS), ("db", "migrate")], ids=" ".join)
def test_airflows_parser_takes_the_command(command):
    args = template.command_line().parse_args(list(command))
    assert callable(args.func)
    assert args.subcommand in command


@pytest.mark.image
def test_the_parser_is_made_once():
    assert template.command_line() is template.command_line()


@pytest.mark.image
def test_a_fork_gets_an_engine_of_its_own():
    from airflow import settings

    settings.configure_orm()
    before = settings.engine
    template.own_database_engine()
    assert settings.engine is not before
    assert settings.engine.url == before.url


@pytest.mark.image
def test_where_airflows_own_configuration_puts_them(monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__PORT", "8099")
    monkeypatch.setenv("AIRFLOW__CORE__HOSTNAME_CALLABLE", "socket.gethostname")
    import socket

    assert template.place("url") == Place("url", 8099, socket.gethostname())
