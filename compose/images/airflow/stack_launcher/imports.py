"""The one import that all components start from."""

from __future__ import annotations

import argparse


def import_airflow() -> argparse.ArgumentParser:
    """Imports what at least two components use, and returns the parser of Airflow's command line.

    The API server's own application is left to its child: it takes as long as the rest, and the others need not wait.
    """
    import airflow.api_fastapi.app
    import airflow.api_fastapi.execution_api.app
    import airflow.jobs.job
    import airflow.models
    import airflow.models.dag_version
    import airflow.models.dagrun
    import airflow.models.serialized_dag
    import airflow.models.taskinstance
    import airflow.sdk.execution_time.supervisor
    import airflow.sdk.execution_time.task_runner  # noqa: F401
    from airflow.cli import cli_parser
    from airflow.providers_manager import ProvidersManager

    ProvidersManager().initialize_providers_configuration()
    return cli_parser.get_parser()


def wanted_revision() -> str:
    """The schema that this Airflow works with."""
    from airflow.utils.db import _REVISION_HEADS_MAP

    return list(_REVISION_HEADS_MAP.values())[-1]
