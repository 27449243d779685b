"""The launcher's first child on a database of another schema: `airflow db migrate`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from stack_launcher.exits import describe_exit
from stack_launcher.health import Facts
from stack_launcher.loop import NEVER
from stack_launcher.supervisor import SupervisorHands


class MigrationRun:
    """A director of the loop."""

    def __init__(self, hands: SupervisorHands, run: Callable[[], None]) -> None:
        self._hands = hands
        self._pid = hands.fork("migrate", run)
        self.result: int | None = None
        self.is_stopped = False

    def next_due(self) -> float:
        return NEVER

    def tick(self, now: float) -> None: ...

    def ended(self, pid: int, status: int, now: float) -> None:
        if pid != self._pid:
            return
        if self.is_stopped:
            # It was ended for that; PostgreSQL has undone what was unfinished.
            self.result = 0
            return
        self.result = 0 if os.waitstatus_to_exitcode(status) == 0 else 1
        if self.result != 0:
            words = describe_exit(status, self._hands.was_out_of_memory(now))
            self._hands.say(f"the migration of the database failed: {words}")

    def observed(self, facts: Facts) -> None: ...

    def begin_stop(self, now: float) -> None:
        self.is_stopped = True
        self._hands.send([self._pid], signal.SIGTERM)
