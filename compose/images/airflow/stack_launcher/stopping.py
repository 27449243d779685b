"""A stop in steps, so that running tasks can end and have their end recorded."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from stack_launcher.component_state import ComponentState
from stack_launcher.components import API_SERVER, SCHEDULER
from stack_launcher.process_tree import Process, members, task_processes

# Shares of the limit: until then tasks may end by themselves, and after that as their operator's on_kill wants it.
ASK_TASKS_AT = 0.5
KILL_TASKS_AT = 0.7


class StopHands(Protocol):
    def processes(self) -> Mapping[int, Process]: ...

    def send(self, pids: Iterable[int], number: signal.Signals) -> None: ...

    def say(self, text: str) -> None: ...


class Stop:
    """First everything but the API server, since tasks report their end to it; then the API server.

    A task that won't end is ended before the limit: its supervisor, which lives on, reports that like any other
    failure, and Airflow retries it or marks it failed by its own rules.
    """

    def __init__(self, hands: StopHands, states: Sequence[ComponentState], now: float, limit_s: float) -> None:
        self._hands = hands
        self._states = states
        self._ask_tasks_at = now + limit_s * ASK_TASKS_AT
        self._kill_tasks_at = now + limit_s * KILL_TASKS_AT
        self._kill_at = now + limit_s
        self._asked: set[int] = set()
        self._is_api_told = False
        self.is_clean = True
        self._tell(one for one in states if one.component.name != API_SERVER)

    def advance(self, now: float) -> bool:
        """Takes the steps that are due; returns whether all is over."""
        alive = [one for one in self._states if one.pid is not None]
        if not alive:
            return True
        if not self._is_api_told and all(one.component.name != SCHEDULER for one in alive):
            self._is_api_told = True
            self._tell(one for one in alive if one.component.name == API_SERVER)
        if now >= self._kill_at:
            self._kill_all(alive)
        elif now >= self._ask_tasks_at:
            self._end_tasks(by_force=now >= self._kill_tasks_at)
        return False

    def put_back(self, by_s: float) -> None:
        """Follows a clock that was put back."""
        self._ask_tasks_at -= by_s
        self._kill_tasks_at -= by_s
        self._kill_at -= by_s

    def _tell(self, states: Iterable[ComponentState]) -> None:
        self._hands.send([one.pid for one in states if one.pid is not None], signal.SIGTERM)

    def _end_tasks(self, by_force: bool) -> None:
        scheduler = next((one.pid for one in self._states if one.component.name == SCHEDULER), None)
        if scheduler is None:
            return
        processes = self._hands.processes()
        tasks = task_processes(scheduler, processes)
        if by_force:
            # With what they started: a process that holds their pipes would keep their supervisors waiting.
            self._hands.send({pid for task in tasks for pid in members(task, processes)}, signal.SIGKILL)
            return
        new = tasks - self._asked
        if new and not self._asked:
            self._hands.say("running tasks are told to end, since the time for the stop is running out")
        self._asked |= new
        self._hands.send(new, signal.SIGTERM)

    def _kill_all(self, alive: Sequence[ComponentState]) -> None:
        if self.is_clean:
            self.is_clean = False
            self._hands.say(f"killed at the limit: {', '.join(one.component.name for one in alive)}")
        processes = self._hands.processes()
        for one in alive:
            if one.pid is not None:
                self._hands.send(members(one.pid, processes), signal.SIGKILL)
