"""The launcher's own view of Airflow's database."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping

import psycopg2

from stack_launcher.health import HEARTBEATS, Heartbeat, heartbeats_from

POLL_S = 0.05


def connect() -> psycopg2.extensions.connection:
    url = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("postgresql+psycopg2", "postgresql", 1)
    connection = psycopg2.connect(url, connect_timeout=3)
    connection.autocommit = True
    return connection


class DatabaseWait(threading.Thread):
    """Waits for the database beside the imports; `revision` is the schema it has, None for an empty one."""

    def __init__(self) -> None:
        super().__init__(name="database-wait", daemon=True)
        self.revision: str | None = None
        self.ready_at = 0.0

    def run(self) -> None:
        while True:
            try:
                connection = connect()
                break
            except psycopg2.OperationalError:
                time.sleep(POLL_S)
        try:
            with connection.cursor() as cursor:
                cursor.execute("select version_num from alembic_version")
                row = cursor.fetchone()
                self.revision = row[0] if row else None
        except psycopg2.errors.UndefinedTable:
            self.revision = None
        finally:
            connection.close()
        self.ready_at = time.time()


class HeartbeatReader:
    """Reads heartbeats over one connection, which must be closed around a fork: a child would end it for both."""

    def __init__(self) -> None:
        self._connection: psycopg2.extensions.connection | None = None

    def read(self) -> Mapping[str, Heartbeat]:
        """Empty while the database can't be asked."""
        try:
            self._connection = self._connection or connect()
            with self._connection.cursor() as cursor:
                cursor.execute(HEARTBEATS, (socket.gethostname(),))
                return heartbeats_from(cursor.fetchall())
        except psycopg2.Error:
            self.close()
            return {}

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
