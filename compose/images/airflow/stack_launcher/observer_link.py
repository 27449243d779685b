"""The launcher's end of the observer: one question at a time, and another observer when one is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence

from stack_launcher.health import Facts
from stack_launcher.observer import decode

# Longer than all its time-outs together; an observer that takes longer is lost.
PATIENCE_S = 20.0


class ObserverLink:
    def __init__(self, fork: Callable[[int, int], int], end: Callable[[int], None]) -> None:
        """`fork` starts an observer that reads from its first and writes to its second argument; `end` kills it."""
        self._fork = fork
        self._end = end
        self._pid: int | None = None
        self._questions = self._answers = -1
        self._asked_at: float | None = None
        self._rest = b""

    @property
    def answers(self) -> int | None:
        """What to wait for; None while there is no observer."""
        return self._answers if self._pid is not None else None

    def ask(self, roots: Sequence[int], now: float) -> None:
        """Nothing, while an earlier question is still open."""
        if self._asked_at is not None:
            if now - self._asked_at < PATIENCE_S:
                return
            self.lose()
        if self._pid is None:
            self._start()
        self._asked_at = now
        try:
            os.write(self._questions, json.dumps(list(roots)).encode() + b"\n")
        except BrokenPipeError:
            self.lose()

    def read(self) -> Facts | None:
        if self._pid is None:
            return None
        try:
            chunk = os.read(self._answers, 65_536)
        except BlockingIOError:
            return None
        if not chunk:
            self.lose()
            return None
        line, found, rest = (self._rest + chunk).partition(b"\n")
        if not found:
            self._rest = line
            return None
        self._rest, self._asked_at = rest, None
        return decode(line)

    def lose(self) -> None:
        """Ends the observer; the next question starts another."""
        if self._pid is not None:
            self._end(self._pid)
        self.close()
        self._pid, self._asked_at, self._rest = None, None, b""

    def close(self) -> None:
        """Closes the pipes alone, as a child that has inherited them must."""
        if self._pid is not None:
            os.close(self._questions)
            os.close(self._answers)

    def _start(self) -> None:
        questions, self._questions = os.pipe()
        self._answers, answers = os.pipe()
        os.set_blocking(self._answers, False)
        # Not None, so that the child closes the launcher's ends.
        self._pid = 0
        self._pid = self._fork(questions, answers)
        os.close(questions)
        os.close(answers)
