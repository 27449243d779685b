"""Logins, as `mlflow server --app-name=basic-auth` asks for them, with the users that the environment names."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stack_mlflow.database import is_waited_for, plain_uri
from stack_mlflow.status import FOLDER

if TYPE_CHECKING:
    from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore

SWITCH = "STACK_MLFLOW_AUTH"
STOCK_ARGUMENT = "--app-name=basic-auth"
# Beside MLflow's own tables, which know nothing of users.
SCHEMA = "logins"
# A stored password is hashed to be slow to try, 50 ms and more; MLflow itself keeps this long what it has verified, and
# forgets it at once when the password changes.
VERIFIED_FOR_S = 3600


@dataclass(frozen=True)
class User:
    name: str
    password: str
    is_admin: bool


@dataclass(frozen=True)
class Logins:
    database_uri: str
    admin: User
    tasks: User

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Logins | None:
        """None when nobody has to log in. Raises KeyError for a user without name or password."""
        if environment.get(SWITCH, "none") == "none":
            return None

        def user(kind: str, is_admin: bool) -> User:
            name, password = (environment[f"{kind}_{part}"] for part in ("USERNAME", "PASSWORD"))
            return User(name, password, is_admin)

        return cls(
            database_uri=environment.get("MLFLOW_BACKEND_STORE_URI", ""),
            admin=user("MLFLOW_AUTH_ADMIN", True),
            tasks=user("STACK_MLFLOW_TASKS", False),
        )


def uri_of_users(uri: str) -> str:
    """A schema of its own in PostgreSQL; other databases have one place for all tables."""
    if not is_waited_for(uri):
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}options=-csearch_path={SCHEMA}"


def configure(logins: Logins, folder: Path = FOLDER) -> dict[str, str]:
    """Writes MLflow's configuration of its logins; returns the environment that leads to it."""
    config = ConfigParser(interpolation=None)
    config["mlflow"] = {
        # Whoever has a login may do what everybody could without: runs and models of one user are everybody's.
        "default_permission": "MANAGE",
        # MLflow's own reader takes % for the start of a reference.
        "database_uri": uri_of_users(logins.database_uri).replace("%", "%%"),
        "auth_cache_ttl_seconds": str(VERIFIED_FOR_S),
    }
    file = folder / "basic_auth.ini"
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        config.write(output)
    return {
        "MLFLOW_AUTH_CONFIG_PATH": str(file),
        # For the form that makes users, in this process alone.
        "MLFLOW_FLASK_SERVER_SECRET_KEY": secrets.token_hex(32),
    }


def make_schema(uri: str) -> None:
    """Where the users' tables go, if there is no place for them yet."""
    if not is_waited_for(uri):
        return
    import psycopg2

    connection = psycopg2.connect(plain_uri(uri))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    finally:
        connection.close()


def prepare_store(logins: Logins) -> None:
    """The users' tables, for those who don't get them from MLflow's application."""
    from mlflow.server.auth import auth_config, store

    make_schema(logins.database_uri)
    store.init_db(auth_config.database_uri)


def set_users(logins: Logins) -> None:
    """What is stored follows the environment: a new password there is the password after a restart."""
    from mlflow.server.auth import store

    for user in (logins.admin, logins.tasks):
        set_user(store, user)


def set_user(store: SqlAlchemyStore, user: User) -> None:
    if not store.has_user(user.name):
        store.create_user(user.name, user.password, is_admin=user.is_admin)
    elif not store.authenticate_user(user.name, user.password):
        store.update_user(user.name, password=user.password)
