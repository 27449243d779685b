import sys
from types import ModuleType

import pytest
from stack_launcher.deviations import migration
from stack_launcher.deviations.migration import head_revision, is_needed


@pytest.fixture
def heads(monkeypatch):
    """Airflow's list of releases and revisions, in a module that stands in for its own; no other keeps tables."""
    module = ModuleType("airflow.utils.db")
    module._REVISION_HEADS_MAP = {"3.2.0": "1d66", "3.10.0": "a000", "3.11.0": "0fff"}
    for name in ("airflow", "airflow.utils"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "airflow.utils.db", module)
    monkeypatch.setattr(migration, "has_other_tables", lambda: False)


def test_the_head_is_of_the_newest_release(heads):
    assert head_revision() == "0fff"


@pytest.mark.parametrize(("revision", "needed"), [("0fff", False), ("a000", True), ("1d66", True), (None, True)])
def test_is_needed_on_any_other_schema(heads, revision, needed):
    assert is_needed(True, revision) is needed


@pytest.mark.parametrize("revision", ["0fff", "a000", None])
def test_is_always_needed_when_turned_off(heads, revision):
    assert is_needed(False, revision)


def test_is_always_needed_where_another_keeps_tables(heads, monkeypatch):
    monkeypatch.setattr(migration, "has_other_tables", lambda: True)
    assert is_needed(True, "0fff")


OTHER_TABLES = """
import json, sys
from airflow.providers_manager import ProvidersManager
from stack_launcher.deviations.migration import has_other_tables

told = [has_other_tables()]
type(ProvidersManager()).db_managers = ["a.provider.DBManager"]
told.append(has_other_tables())
with open(sys.argv[1], "w") as file:
    json.dump(told, file)
"""


@pytest.mark.image
def test_airflow_says_who_keeps_tables(python):
    assert python.run(OTHER_TABLES) == [False, True]
    assert python.run(OTHER_TABLES, AIRFLOW__DATABASE__EXTERNAL_DB_MANAGERS="a.DBManager")[0]
    assert python.run(OTHER_TABLES, AIRFLOW__CORE__AUTH_MANAGER="airflow.providers.fab.FabAuthManager")[0]


@pytest.mark.image
def test_the_head_is_where_airflows_own_migrations_end():
    from airflow.utils.db import _get_script_object

    assert _get_script_object().get_heads() == [head_revision()]
    assert not is_needed(True, _get_script_object().get_current_head())


@pytest.mark.image
def test_no_earlier_migration_is_taken_for_the_head():
    from airflow.utils.db import _get_script_object

    revisions = [one.revision for one in _get_script_object().walk_revisions()]
    assert len(revisions) > 10
    assert all(is_needed(True, one) for one in revisions[1:])


THE_REST = """
import json, sys
from airflow import settings
from airflow.models import import_all_models
from airflow.models.base import Base
from stack_launcher.deviations.migration import do_the_rest
from sqlalchemy import text

import_all_models()
Base.metadata.create_all(settings.engine)
do_the_rest(True)
do_the_rest(True)
with settings.engine.connect() as connection:
    pools = [row[0] for row in connection.execute(text("select pool from slot_pool"))]
    templates = [row[0] for row in connection.execute(text("select filename from log_template"))]
with open(sys.argv[1], "w") as file:
    json.dump({"pools": pools, "templates": templates}, file)
"""


@pytest.mark.image
def test_what_the_command_does_besides_is_done(python):
    told = python.run(THE_REST, AIRFLOW__LOGGING__LOG_FILENAME_TEMPLATE="here/{{ ti.task_id }}.log")
    assert told["pools"] == ["default_pool"]
    assert told["templates"][-1] == "here/{{ ti.task_id }}.log"
    assert len(set(told["templates"])) == len(told["templates"])
