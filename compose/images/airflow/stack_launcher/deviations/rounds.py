"""Begins the scheduler's next round when a task has ended, because what follows it would wait for the end of a rest, and
rests that are short enough for that cost a tenth of a core while nothing runs.

What a round does is Airflow's own, and without results of tasks a rest is as long as it is set to be. Switch: ROUNDS.
"""

from __future__ import annotations

from multiprocessing.connection import wait
from typing import Any

# Where a scheduler keeps how long it rests; it looks there before each rest.
REST = "_scheduler_idle_sleep_time"


def install(is_on: bool) -> None:
    """In the scheduler's process."""
    if is_on:
        from airflow.jobs import scheduler_job_runner

        end_rests_early(scheduler_job_runner.SchedulerJobRunner)


def end_rests_early(runner_class: Any) -> None:
    """`runner_class` is Airflow's scheduler. Asked how long it rests, it rests by itself, and has no rest left."""

    def rest(runner: Any) -> float:
        seconds = float(vars(runner)[REST])
        queues = [getattr(executor, "result_queue", None) for executor in runner.executors]
        readers: list[Any] = [getattr(queue, "_reader", None) for queue in queues]
        if None in readers:
            # An executor that doesn't tell its results by a pipe.
            return seconds
        wait(readers, seconds)
        return 0.0

    def set_rest(runner: Any, seconds: float) -> None:
        vars(runner)[REST] = seconds

    setattr(runner_class, REST, property(rest, set_rest))
