"""The four processes that make up a running Airflow."""

from __future__ import annotations

from dataclasses import dataclass

API_SERVER = "api-server"
SCHEDULER = "scheduler"
DAG_PROCESSOR = "dag-processor"
TRIGGERER = "triggerer"


@dataclass(frozen=True)
class Component:
    """`command` is what follows `airflow` on a command line; `job_type` names its rows in the table `job`."""

    name: str
    command: tuple[str, ...]
    job_type: str | None


# Task logs lie on one volume, so nobody has to serve them over HTTP.
COMPONENTS = (
    Component(API_SERVER, ("api-server",), None),
    Component(SCHEDULER, ("scheduler", "--skip-serve-logs"), "SchedulerJob"),
    Component(DAG_PROCESSOR, ("dag-processor",), "DagProcessorJob"),
    Component(TRIGGERER, ("triggerer", "--skip-serve-logs"), "TriggererJob"),
)
