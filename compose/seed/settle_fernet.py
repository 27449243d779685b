"""Sees to it that Airflow's key opens all that Airflow's database holds encrypted.

Runs in an Airflow container of its own while no Airflow runs. What only an earlier key opens is encrypted anew; earlier keys are
in the file that is the one argument, where this program keeps the present one too. All or nothing: killed at any moment, that
file has every key that is needed. The last line of the output is a JSON object: "encrypted" (how many values were encrypted
anew) and "closed" (names of what no known key opens; nothing is changed then).
"""

import json
import os
import sys
from pathlib import Path

import psycopg2
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from psycopg2.sql import SQL, Identifier

# Table, column, how a row is called, and where the column is encrypted.
ENCRYPTED = (
    ("connection", "password", "conn_id", "is_encrypted"),
    ("connection", "extra", "conn_id", "is_extra_encrypted"),
    ("connection_test_request", "password", "connection_id", "is_encrypted"),
    ("connection_test_request", "extra", "connection_id", "is_extra_encrypted"),
    ("variable", "val", "key", "is_encrypted"),
    ("trigger", "kwargs", "id", "kwargs::text like 'gAAAA%'"),
)


def read_keys(path):
    """Without what is no key: a damaged file must not be in the way."""
    words = path.read_text(errors="replace").split() if path.exists() else []
    return [word for word in words if is_key(word)]


def is_key(word):
    try:
        Fernet(word)
    except ValueError:
        return False
    return True


def keep_keys(path, keys):
    """In one step, for the owner alone."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def connect():
    url = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    return psycopg2.connect(url.replace("postgresql+psycopg2:", "postgresql:", 1), connect_timeout=10)


def opens(fernet, token):
    try:
        fernet.decrypt(token)
    except InvalidToken:
        return False
    return True


def settle(cursor, present, every):
    """Returns how many values were encrypted anew, and the names of those that no key opens."""
    encrypted, closed = 0, []
    for table, column, name, condition in ENCRYPTED:
        cursor.execute("select to_regclass(%s)", (table,))
        if cursor.fetchone() == (None,):
            continue
        parts = {"table": Identifier(table), "column": Identifier(column), "name": Identifier(name)}
        rows = SQL("select id, {name}, {column} from {table} where {column} is not null and ").format(**parts)
        cursor.execute(rows + SQL(condition))
        for row_id, row_name, value in cursor.fetchall():
            token = value.encode()
            if value == "" or opens(present, token):
                continue
            if not opens(every, token):
                closed.append(f"{table} {row_name}")
                continue
            update = SQL("update {table} set {column} = %s where id = %s").format(**parts)
            cursor.execute(update, (every.rotate(token).decode(), row_id))
            encrypted += 1
    return encrypted, sorted(set(closed))


def main():
    kept = Path(sys.argv[1])
    key = os.environ["AIRFLOW__CORE__FERNET_KEY"]
    keys = list(dict.fromkeys([key, *read_keys(kept)]))
    keep_keys(kept, keys)
    connection = connect()
    with connection, connection.cursor() as cursor:
        encrypted, closed = settle(cursor, Fernet(key), MultiFernet([Fernet(one) for one in keys]))
        if closed:
            connection.rollback()
            encrypted = 0
    if not closed:
        keep_keys(kept, [key])
    print(json.dumps({"encrypted": encrypted, "closed": closed}))


main()
