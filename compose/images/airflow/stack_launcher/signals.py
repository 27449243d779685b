"""Signals as readable bytes, so that one wait covers everything."""

from __future__ import annotations

import os
import signal

STOP = frozenset({signal.SIGTERM, signal.SIGINT})


class SignalPipe:
    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(self._writer, False)
        # Without a handler of Python's, nothing is written to the pipe.
        for number in (*STOP, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def read(self) -> set[int]:
        """The signals that have come since."""
        try:
            return set(os.read(self.reader, 4096))
        except BlockingIOError:
            return set()

    def close(self) -> None:
        for fd in (self.reader, self._writer):
            os.close(fd)
