"""The start: import and database at the same time, then a migration if one is needed, then the components."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time

from stack_launcher import status
from stack_launcher.children import fork_component
from stack_launcher.components import Component
from stack_launcher.database import DatabaseWait
from stack_launcher.deviations import preload, warm_up
from stack_launcher.imports import import_airflow, wanted_revision
from stack_launcher.supervisor import Supervisor


def launch() -> int:
    """Runs until it is stopped; returns the exit status."""
    started_at = time.time()
    timeline = status.Timeline(started_at)
    status.prepare()
    database = DatabaseWait()
    database.start()
    parser = import_airflow()
    timeline.add("import", started_at, time.time())
    database.join()
    timeline.add("database", started_at, database.ready_at)

    # Objects that last are set aside: no collection looks at them again, so children keep sharing their pages.
    gc.collect()
    gc.freeze()

    if database.revision != wanted_revision():
        begin = time.time()
        exit_status = migrate(parser)
        timeline.add("migrate", begin, time.time())
        if exit_status != 0:
            print(f"launcher: the migration of the database ended with exit code {exit_status}", file=sys.stderr)
            return exit_status
    return Supervisor(lambda component: start(parser, component), timeline).run()


def start(parser: argparse.ArgumentParser, component: Component) -> tuple[int, int]:
    prepare = {"api-server": build_api, "scheduler": preload.install}.get(component.name)
    return fork_component(parser, component.command, prepare)


def build_api() -> None:
    """Builds the API server's application before the command asks for it, without collecting garbage meanwhile."""
    gc.disable()
    import airflow.api_fastapi.main  # noqa: F401

    gc.collect()
    gc.freeze()
    gc.enable()
    warm_up.install()


def migrate(parser: argparse.ArgumentParser) -> int:
    """Runs `airflow db migrate` in a child, with its output as ours."""
    pid, output = fork_component(parser, ("db", "migrate"))
    os.set_blocking(output, True)
    with os.fdopen(output, "rb") as lines:
        for line in lines:
            os.write(1, b"migrate       | " + line)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
