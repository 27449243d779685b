"""SQLite that knows the function of PostgreSQL's that the launcher's statements use."""

import sqlite3
from datetime import UTC, datetime

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def text(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


class Database:
    """A connection as psycopg2 has it."""

    def __init__(self, path=":memory:"):
        self.sqlite = sqlite3.connect(path, isolation_level=None)
        self.sqlite.create_function("to_timestamp", 1, lambda seconds: text(datetime.fromtimestamp(seconds, UTC)))
        self.rowcount = -1

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def execute(self, query, parameters):
        self.rowcount = self.sqlite.execute(query.replace("%s", "?"), parameters).rowcount

    def states(self):
        return dict(self.sqlite.execute("select id, state from job"))
