"""The four processes that make up a running Airflow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Component:
    """`command` is what follows `airflow` on a command line; `job_type` its row in the table `job`."""

    name: str
    command: tuple[str, ...]
    job_type: str | None


# Task logs lie on one volume, so nobody has to serve them over HTTP.
COMPONENTS = (
    Component("api-server", ("api-server",), None),
    Component("scheduler", ("scheduler", "--skip-serve-logs"), "SchedulerJob"),
    Component("dag-processor", ("dag-processor",), "DagProcessorJob"),
    Component("triggerer", ("triggerer", "--skip-serve-logs"), "TriggererJob"),
)
