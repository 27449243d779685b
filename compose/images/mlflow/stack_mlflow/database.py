"""Waiting for the database beside the imports, since nothing else orders the start of the containers."""

from __future__ import annotations

import sys
import threading
import time

POLL_S = 0.05
# Somebody who looks at the log should see what is being waited for.
SAY_EVERY_S = 10.0


def is_waited_for(uri: str) -> bool:
    return uri.startswith(("postgresql:", "postgresql+psycopg2:", "postgres:"))


def plain_uri(uri: str) -> str:
    """Without SQLAlchemy's name of the driver, which the client library does not know."""
    return "postgresql" + uri[uri.index(":") :]


class DatabaseWait(threading.Thread):
    """`ready_at` is when the database took a login; other kinds of database are not waited for."""

    def __init__(self, uri: str) -> None:
        super().__init__(name="database-wait", daemon=True)
        self._uri = uri
        self.ready_at = 0.0

    def run(self) -> None:
        if is_waited_for(self._uri):
            self._wait()
        self.ready_at = time.time()

    def _wait(self) -> None:
        import psycopg2

        say_at = time.time() + SAY_EVERY_S
        while True:
            try:
                psycopg2.connect(plain_uri(self._uri), connect_timeout=3).close()
                return
            except psycopg2.OperationalError as error:
                if time.time() >= say_at:
                    say_at = time.time() + SAY_EVERY_S
                    print(f"stack-mlflow: waiting for the database: {error}".strip(), file=sys.stderr)
                time.sleep(POLL_S)
