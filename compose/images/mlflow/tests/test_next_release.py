"""Starts a next release of MLflow, one whose only new migration adds a column, over a database of this one."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from stack_mlflow.upgrade import schema_of
from test_same_as_stock import JSON, Running, environment_in, free_port

NEXT = "5e0f7e570001"
MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision = "{next}"
down_revision = "{newest}"
branch_labels = None
depends_on = None
def upgrade():
    op.add_column("{table}", sa.Column("of_the_next_release", sa.String(10), nullable=True))
"""
FILL = """
import os
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
SqlAlchemyStore(os.environ["MLFLOW_BACKEND_STORE_URI"], "mlflow-artifacts:/").create_experiment("of-before")
"""


def make_next_release(folder, newest, table="runs"):
    """What is installed, by links, with one migration more."""
    source, target = Path(find_spec("mlflow").submodule_search_locations[0]), folder / "mlflow"
    for name in ("store", "db_migrations", "versions", None):
        target.mkdir(parents=True)
        for entry in source.iterdir():
            if entry.name != name:
                (target / entry.name).symlink_to(entry)
        if name is not None:
            source, target = source / name, target / name
    (target / f"{NEXT}_next.py").write_text(MIGRATION.format(next=NEXT, newest=newest, table=table))
    return {"PYTHONPATH": str(folder)}


@pytest.fixture
def older(tmp_path):
    """The environment of this release, with an experiment in its database, and what leads to the next release."""
    environment = environment_in(tmp_path / "data", free_port())
    subprocess.run([sys.executable, "-c", FILL], env=environment, check=True)
    newest = schema_of(environment["MLFLOW_BACKEND_STORE_URI"])
    assert newest
    return environment, make_next_release(tmp_path / "next", newest)


def refusal(command, environment, folder):
    run = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=120)
    assert run.returncode == 1, run.stderr
    assert "upgrading" not in run.stderr
    line = next(line for line in run.stderr.splitlines() if "out-of-date database schema" in line)
    return line.split("schema", 1)[1]


@pytest.mark.parametrize("extra", [{}, {"STACK_MLFLOW_ONE_PROCESS": "off"}], ids=["one process", "stock"])
def test_an_older_schema_is_upgraded_and_what_is_in_it_stays(older, extra, tmp_path):
    environment, to_next = older
    uri = environment["MLFLOW_BACKEND_STORE_URI"]
    log = tmp_path / "log"
    for count in (1, 0):
        server = Running(["stack-mlflow"], {**environment, **to_next, **extra}, log).wait()
        try:
            _, _, found = server.ask("/api/2.0/mlflow/experiments/search", b'{"max_results": 5}', **JSON)
        finally:
            server.stop()
        assert b'"of-before"' in found
        assert schema_of(uri) == NEXT
        # The second start finds nothing to do.
        assert log.read_text().count("the database has an older schema") == count
    # This release knows nothing of that schema.
    words = refusal(["stack-mlflow"], {**environment, **extra}, tmp_path)
    assert words == refusal(["mlflow", "server"], environment, tmp_path)
    assert schema_of(uri) == NEXT


def test_the_switch_leaves_the_refusal_of_the_stock_server(older, tmp_path):
    environment, to_next = older
    off = {**environment, **to_next, "STACK_MLFLOW_UPGRADE": "off"}
    assert refusal(["stack-mlflow"], off, tmp_path) == refusal(["mlflow", "server"], off, tmp_path)
    assert schema_of(environment["MLFLOW_BACKEND_STORE_URI"]) != NEXT


@pytest.mark.parametrize("extra", [{}, {"STACK_MLFLOW_ONE_PROCESS": "off"}], ids=["one process", "stock"])
def test_an_upgrade_that_fails_is_told_beside_the_refusal(older, extra, tmp_path):
    environment, _ = older
    uri = environment["MLFLOW_BACKEND_STORE_URI"]
    newest = schema_of(uri)
    to_broken = make_next_release(tmp_path / "broken", newest, table="no_such_table")
    run = subprocess.run(
        ["stack-mlflow"], env={**environment, **to_broken, **extra}, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 1, run.stderr
    assert f"the database has an older schema ({newest}): upgrading it" in run.stderr
    assert "no_such_table" in run.stderr
    assert "out-of-date database schema" in run.stderr
    assert schema_of(uri) == newest
