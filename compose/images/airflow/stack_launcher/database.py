"""The launcher's own, light view of Airflow's database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from stack_launcher.health import Beat

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

POLL_S = 0.05
# Long enough not to complain about a start together with the database's own.
COMPLAIN_AFTER_S = 10.0

# The newest job of each kind; a kind has few rows, one for each start. Numbers count up, whatever the clock does.
LATEST_JOBS = """
select distinct on (job_type) job_type, extract(epoch from start_date), extract(epoch from latest_heartbeat)
from job where state = 'running' and hostname = %s
order by job_type, id desc
"""


def connect(url: str) -> Connection:
    """`url` as SQLAlchemy has it."""
    import psycopg2

    connection = psycopg2.connect(url.replace("postgresql+psycopg2:", "postgresql:", 1), connect_timeout=3)
    connection.autocommit = True
    return connection


def schema_revision(connection: Connection) -> str | None:
    """None for an empty database."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('alembic_version')")
        if cursor.fetchall() == [(None,)]:
            return None
        cursor.execute("select version_num from alembic_version")
        rows = cursor.fetchall()
        return rows[0][0] if len(rows) == 1 else None


def latest_beats(connection: Any, hostname: str) -> Mapping[str, Beat]:
    with connection.cursor() as cursor:
        cursor.execute(LATEST_JOBS, (hostname,))
        return {job_type: Beat(float(began), float(latest)) for job_type, began, latest in cursor.fetchall()}


class DatabaseWait(threading.Thread):
    """Waits for the database beside the imports; `revision` is the schema it has, None for an empty one."""

    def __init__(self, open_connection: Callable[[], Any]) -> None:
        super().__init__(name="database-wait", daemon=True)
        self._open = open_connection
        self.revision: str | None = None
        self.ready_at = 0.0

    def run(self) -> None:
        complain_at = time.monotonic() + COMPLAIN_AFTER_S
        while True:
            try:
                connection = self._open()
                self.revision = schema_revision(connection)
                connection.close()
                break
            except Exception as error:
                if time.monotonic() >= complain_at:
                    print(f"still waiting for the database: {' '.join(str(error).split())}", flush=True)
                    complain_at = time.monotonic() + COMPLAIN_AFTER_S
                time.sleep(POLL_S)
        self.ready_at = time.time()
