import sqlite3

import pytest
from stack_mlflow import upgrade

REFUSED = Exception("Detected out-of-date database schema (found version a1, but expected c3).")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Migrations from nothing over a1 and b2 to c3."""
    for schema, parent in (("a1", "None"), ("b2", '"a1"'), ("c3", "'b2'")):
        (tmp_path / f"{schema}_some.py").write_text(f'revision = "{schema}"\ndown_revision = {parent}\n')
    monkeypatch.setattr(upgrade, "migrations", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def database(tmp_path):
    def make(*schemas):
        file = tmp_path / "mlflow.db"
        with sqlite3.connect(file) as connection:
            connection.execute("create table alembic_version (version_num text)")
            connection.executemany("insert into alembic_version values (?)", [(one,) for one in schemas])
        connection.close()
        return f"sqlite:///{file}"

    return make


@pytest.mark.parametrize("schema, is_older", [("a1", True), ("b2", True), ("c3", False), ("d4", False), ("None", False)])
def test_older_is_what_a_migration_goes_on_from(folder, schema, is_older):
    assert upgrade.is_older(schema, folder) is is_older


def test_the_schema_is_read_from_the_database(database, tmp_path):
    assert upgrade.schema_of(database("a1")) == "a1"
    (tmp_path / "empty.db").touch()
    assert upgrade.schema_of(f"sqlite:///{tmp_path}/empty.db") is None
    assert upgrade.schema_of(f"sqlite:///{tmp_path}/none.db") is None
    assert not (tmp_path / "none.db").exists()
    assert upgrade.schema_of("mysql://host/mlflow") is None
    assert upgrade.schema_of("") is None


@pytest.mark.parametrize("schemas", [("c3",), ("d4",), (), ("a1", "b2")], ids=str)
def test_any_other_schema_is_left_as_it_is(folder, database, schemas):
    assert not upgrade.is_due({}, database(*schemas))


def test_the_switch_leaves_an_older_one_too(folder, database):
    uri = database("a1")
    assert upgrade.is_due({}, uri)
    assert not upgrade.is_due({upgrade.SWITCH: "off"}, uri)


@pytest.fixture
def upgraded(monkeypatch):
    uris = []
    monkeypatch.setattr(upgrade, "run", uris.append)
    return uris


def test_only_what_was_refused_for_its_schema_is_upgraded(folder, database, upgraded):
    uri = database("a1")
    assert not upgrade.after_refusal({}, uri, Exception("permission denied"))
    assert upgraded == []
    assert upgrade.after_refusal({}, uri, REFUSED)
    assert upgraded == [uri]


def test_the_stock_server_finds_it_upgraded(folder, database, upgraded):
    uri = database("b2")
    upgrade.before_stock({upgrade.SWITCH: "off"}, uri)
    assert upgraded == []
    upgrade.before_stock({}, uri)
    assert upgraded == [uri]


def test_the_stock_server_is_started_after_an_upgrade_that_failed(folder, database, monkeypatch, capsys):
    def fail(_):
        raise ImportError("no _upgrade_db\nin this release")

    monkeypatch.setattr(upgrade, "run", fail)
    upgrade.before_stock({}, database("b2"))
    assert "WARNING: the upgrade of the database failed: no _upgrade_db in this release" in capsys.readouterr().err
