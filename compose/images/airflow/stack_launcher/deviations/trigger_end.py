"""Has the triggerer end at once when it is told to: it looks whether it was only after a message from the process with the
triggers, which sends one a second, and so takes up half of a stop.

That process gets the signal which it would get anyway, at that moment. Switch: TRIGGER_END.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any


def install(is_on: bool) -> None:
    """In the triggerer's process."""
    if is_on:
        from airflow.jobs import triggerer_job_runner

        end_at_once(triggerer_job_runner.TriggererJobRunner, os.kill)


def end_at_once(runner_class: Any, kill: Callable[[int, signal.Signals], None]) -> None:
    """`runner_class` is Airflow's triggerer, whose handler of signals notes that it is to end."""
    stock = runner_class._exit_gracefully

    def exit_gracefully(runner: Any, number: int, frame: object) -> None:
        stock(runner, number, frame)
        # With a second signal `stock` doesn't return.
        with suppress(ProcessLookupError):
            kill(runner.trigger_runner.pid, signal.SIGINT)

    runner_class._exit_gracefully = exit_gracefully
