"""The one loop, which waits for output, deaths, facts, signals and the time, and tells a director of them."""

from __future__ import annotations

import os
import selectors
import time
from typing import Protocol

from stack_launcher.hands import Hands
from stack_launcher.health import Facts
from stack_launcher.signals import STOP

NEVER = float("inf")
# A wait is by another clock than what is due; when that one is put back meanwhile, this is how late it is noticed.
LONGEST_WAIT_S = 10.0


class Director(Protocol):
    """Decides what becomes of the children."""

    @property
    def result(self) -> int | None:
        """The exit status, as soon as all is over."""

    def next_due(self) -> float:
        """When `tick` has to be called again, at the latest."""

    def tick(self, now: float) -> None: ...

    def ended(self, pid: int, status: int, now: float) -> None:
        """`status` is what waitpid gives. The child may be one that was only adopted."""

    def observed(self, facts: Facts) -> None: ...

    def begin_stop(self, now: float) -> None: ...


def run_loop(hands: Hands, director: Director) -> int:
    """Until the director has a result."""
    while director.result is None:
        _wait(hands, director.next_due() - time.time())
        now = time.time()
        if STOP & hands.signals.read():
            director.begin_stop(now)
        _reap(hands, director, now)
        facts = hands.link.read()
        if facts is not None:
            director.observed(facts)
        hands.pass_on_output()
        director.tick(now)
    hands.pass_on_output()
    return director.result


def _wait(hands: Hands, patience_s: float) -> None:
    # Made anew each time: what there is to wait for changes, and this is not a busy loop.
    with selectors.PollSelector() as selector:
        for fd in hands.readers():
            selector.register(fd, selectors.EVENT_READ)
        if hands.sink.is_pending:
            selector.register(hands.sink.fd, selectors.EVENT_WRITE)
        selector.select(min(LONGEST_WAIT_S, max(0.0, patience_s)))


def _reap(hands: Hands, director: Director, now: float) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        hands.pass_on_last_output(pid)
        director.ended(pid, status, now)
