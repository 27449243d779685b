"""Notices at once that a supervised process has ended, because the last pipe is often closed a moment before the
process is gone, and then its supervisor doesn't look again before five or ten seconds are over.

Until then a worker is busy with a task that has ended, and a triggerer can't stop. Switch: CHILD_ENDS.
"""

from __future__ import annotations

from typing import Any

# Ending takes a process milliseconds once it has closed its pipes.
LOOK_AGAIN_S = 0.02


def install(is_on: bool) -> None:
    """In the process of a component, whose forks supervise tasks, triggers and the parsing of files."""
    if is_on:
        from airflow.sdk.execution_time import supervisor

        look_again(supervisor.WatchedSubprocess)


def look_again(supervisor: Any) -> None:
    """`supervisor` is the class that watches a process and its pipes."""
    stock = supervisor._service_subprocess

    def service(self: Any, max_wait_time: float, *args: Any, **kwargs: Any) -> Any:
        if not self._open_sockets:
            max_wait_time = min(max_wait_time, LOOK_AGAIN_S)
        return stock(self, max_wait_time, *args, **kwargs)

    supervisor._service_subprocess = service
