"""Leaves out `airflow db migrate` when the database has the schema that this Airflow works with, because finding
that there is nothing to do takes it three seconds.

Switch: MIGRATION.
"""

from __future__ import annotations


def is_needed(is_on: bool, revision: str | None) -> bool:
    """`revision` is what the database has."""
    return not is_on or revision != head_revision()


def head_revision() -> str:
    """Of the newest release that changed the schema; Airflow lists them in their order."""
    from airflow.utils.db import _REVISION_HEADS_MAP

    return str(list(_REVISION_HEADS_MAP.values())[-1])
