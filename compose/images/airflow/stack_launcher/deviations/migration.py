"""Leaves out `airflow db migrate` when the database has the schema that this Airflow works with, because finding
that there is nothing to do takes it three seconds. Where something besides Airflow keeps tables there, the command runs.

What else that command sees to is done beside the start. Switch: MIGRATION.
"""

from __future__ import annotations


def is_needed(is_on: bool, revision: str | None) -> bool:
    """`revision` is what the database has."""
    return not is_on or revision != head_revision() or has_other_tables()


def head_revision() -> str:
    """Of the newest release that changed the schema; Airflow lists them in their order."""
    from airflow.utils.db import _REVISION_HEADS_MAP

    return str(list(_REVISION_HEADS_MAP.values())[-1])


def has_other_tables() -> bool:
    """Whether there may be any whose schema that command sees to as well: a provider's, or an auth manager's."""
    from airflow.configuration import conf
    from airflow.providers_manager import ProvidersManager

    auth_manager = str(conf.get("core", "auth_manager"))
    named = conf.get("database", "external_db_managers", fallback=None)
    return bool(ProvidersManager().db_managers or named) or not auth_manager.endswith(".SimpleAuthManager")


def do_the_rest(is_on: bool) -> None:
    """The default pool, and a row of the settings by which task logs are found; nothing where they are there."""
    if is_on:
        from airflow.utils.db import add_default_pool_if_not_exists, synchronize_log_template

        add_default_pool_if_not_exists()
        synchronize_log_template()
