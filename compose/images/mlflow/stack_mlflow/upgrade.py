"""Upgrades a database of an older schema, which MLflow refuses with the advice to run `mlflow db upgrade`: that takes the
image and the database's password, and whoever starts a newer release wants it.

One that lacks a table of this release MLflow upgrades by itself; it refuses those in which nothing but columns changed.
A schema that this release has no migration from, such as a newer one, stays refused. On PostgreSQL all of it is one
transaction. STACK_MLFLOW_UPGRADE=off turns it off.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stack_mlflow.database import is_waited_for, plain_uri

SWITCH = "STACK_MLFLOW_UPGRADE"
REFUSAL = "out-of-date database schema"
SQLITE = "sqlite:///"


def after_refusal(environment: Mapping[str, str], uri: str, error: Exception) -> bool:
    """Whether the stores, which were refused with this error, should be opened once more."""
    if REFUSAL not in str(error) or not is_due(environment, uri):
        return False
    run(uri)
    return True


def before_stock(environment: Mapping[str, str], uri: str) -> None:
    """For the stock command line, which replaces this process and is seen by nobody when it refuses."""
    if not is_due(environment, uri):
        return
    try:
        run(uri)
    except Exception as error:
        # It may be another release of MLflow; its own words are the better ones.
        say(f"WARNING: the upgrade of the database failed: {' '.join(str(error).split())}")


def is_due(environment: Mapping[str, str], uri: str) -> bool:
    """Takes milliseconds, and nothing of MLflow."""
    if environment.get(SWITCH, "on").lower() in ("off", "false", "0", "no"):
        return False
    schema = schema_of(uri)
    return schema is not None and is_older(schema, migrations())


def schema_of(uri: str) -> str | None:
    """The revision that a database has; None if that can't be told, as of an empty one."""
    try:
        with closing(connect(uri)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("select version_num from alembic_version")
            rows = cursor.fetchall()
    except Exception:
        return None
    return str(rows[0][0]) if len(rows) == 1 else None


def connect(uri: str) -> Any:
    """Of other kinds MLflow's own words have to do."""
    if is_waited_for(uri):
        import psycopg2

        return psycopg2.connect(plain_uri(uri), connect_timeout=3)
    if uri.startswith(SQLITE):
        import sqlite3

        return sqlite3.connect(f"file:{uri.removeprefix(SQLITE)}?mode=ro", uri=True)
    raise ValueError("neither PostgreSQL nor SQLite")


def migrations() -> Path:
    """Those of the MLflow that is installed, which is not imported for it."""
    spec = find_spec("mlflow")
    locations = spec.submodule_search_locations if spec else None
    return Path((locations or ["."])[0], "store", "db_migrations", "versions")


def is_older(schema: str, folder: Path) -> bool:
    """Whether a migration goes on from this revision."""
    parent = re.compile(rf"^down_revision\b.*[\"']{re.escape(schema)}[\"']", re.MULTILINE)
    return any(parent.search(file.read_text()) for file in folder.glob("*.py"))


def run(uri: str) -> None:
    """As `mlflow db upgrade` does."""
    from mlflow.store.db.utils import _upgrade_db, create_sqlalchemy_engine_with_retry

    say(f"the database has an older schema ({schema_of(uri)}): upgrading it")
    engine = create_sqlalchemy_engine_with_retry(uri)
    try:
        _upgrade_db(engine)
    finally:
        engine.dispose()


def say(words: str) -> None:
    print(f"stack-mlflow: {words}", file=sys.stderr, flush=True)
