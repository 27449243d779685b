"""A stop in steps, so that running tasks can end and have their end recorded."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

from stack_launcher.component_process import ComponentProcess
from stack_launcher.memory import parents

API = "api-server"
SCHEDULER = "scheduler"


class Stop:
    """First everything but the API server, since tasks report their end to it; then the API server.

    Tasks get three quarters of the limit to end by themselves. Then each is told to end, which its own
    supervisor reports like any other failure: Airflow retries it or marks it failed by its own rules.
    """

    def __init__(self, processes: Sequence[ComponentProcess], now: float, limit_s: float) -> None:
        self._processes = processes
        self._end_tasks_at = now + limit_s * 0.75
        self._kill_at = now + limit_s
        self._tasks_told = False
        self._api_told = False
        for process in processes:
            if process.component.name != API:
                _send(process, signal.SIGTERM)

    def advance(self, now: float) -> bool:
        """Takes the next step when it is due; returns whether all is over."""
        alive = [one for one in self._processes if one.pid is not None]
        if not alive:
            return True
        if all(one.component.name == API for one in alive) and not self._api_told:
            self._api_told = True
            _send(alive[0], signal.SIGTERM)
        if now >= self._end_tasks_at and not self._tasks_told:
            self._tasks_told = True
            for pid in self._task_pids():
                _signal(pid, signal.SIGTERM)
        if now >= self._kill_at:
            for process in alive:
                _send(process, signal.SIGKILL)
        return False

    def _task_pids(self) -> list[int]:
        """The processes that run users' code: the leaves below the scheduler, in sessions of their own workers."""
        scheduler = next((one.pid for one in self._processes if one.component.name == SCHEDULER), None)
        if scheduler is None:
            return []
        parent_of = parents()
        return [pid for pid in parent_of if _depth_below(pid, scheduler, parent_of) >= 2 and _is_leaf(pid, parent_of)]


def _depth_below(pid: int, root: int, parent_of: dict[int, int]) -> int:
    depth = 0
    while pid != root:
        pid = parent_of.get(pid, 0)
        depth += 1
        if pid == 0:
            return -1
    return depth


def _is_leaf(pid: int, parent_of: dict[int, int]) -> bool:
    return pid not in parent_of.values()


def _send(process: ComponentProcess, number: signal.Signals) -> None:
    if process.pid is not None:
        _signal(process.pid, number)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
