"""The process that all components are forked from: what it has imported, and what a fork of it must not keep."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from stack_launcher.observer import Place

# What at least two components import. The API server's application is left to its own process: it takes as long as
# all this, and the others need not wait for it.
MODULES = (
    "airflow",
    "airflow.models",
    "airflow.models.dag_version",
    "airflow.models.dagrun",
    "airflow.models.serialized_dag",
    "airflow.models.taskinstance",
    "airflow.jobs.job",
    "airflow.api_fastapi.app",
    "airflow.api_fastapi.execution_api.app",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
)


def import_airflow() -> None:
    for name in MODULES:
        try:
            importlib.import_module(name)
        except ImportError:
            if name == "airflow":
                raise
            # Another version's name for it; whoever needs it imports it later.
    from airflow.providers_manager import ProvidersManager

    ProvidersManager().initialize_providers_configuration()
    command_line()


def command_line() -> Any:
    """Airflow's own parser, which it keeps once it is made."""
    from airflow.cli.cli_parser import get_parser

    return get_parser()


def run_command(command: Sequence[str]) -> None:
    """`airflow <command>`, in this process."""
    args = command_line().parse_args(list(command))
    args.func(args)


def own_database_engine() -> None:
    """Two processes can't share connections; the parent's, if there are any, are left to it, unclosed."""
    from airflow import settings

    if settings.engine is not None:
        settings.engine.dispose(close=False)
    settings.configure_orm()


def place(database_url: str) -> Place:
    from airflow.configuration import conf
    from airflow.utils.net import get_hostname

    return Place(database_url, conf.getint("api", "port"), get_hostname())
