"""The launcher's own output, which may be slow to be taken and must not hold anything up."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable

# What may wait: some ten thousand lines.
CAPACITY = 4 * 1024 * 1024


class Sink:
    """Keeps lines until they are taken; drops the newest when too many wait, and says how many it dropped."""

    def __init__(self, fd: int, capacity: int = CAPACITY) -> None:
        """`fd` must not block."""
        self.fd = fd
        self._capacity = capacity
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._dropped = 0

    @property
    def is_pending(self) -> bool:
        return bool(self._waiting)

    def put(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            if self._bytes + len(line) > self._capacity:
                self._dropped += 1
            else:
                self._append(line)
        self.flush()

    def flush(self) -> None:
        """Writes as much as is taken now."""
        while self._waiting:
            # In one write, as far as a pipe takes it whole.
            chunk = b"".join(self._take())
            try:
                written = os.write(self.fd, chunk)
            except BlockingIOError:
                written = 0
            except BrokenPipeError:
                # Nobody reads any more, and that is no reason to stop.
                self._waiting.clear()
                self._bytes = self._dropped = 0
                return
            if written < len(chunk):
                self._waiting.appendleft(chunk[written:])
                self._bytes += len(chunk) - written
                return
        if self._dropped:
            words = f"launcher | {self._dropped} lines were dropped here: they came faster than they were taken\n"
            self._dropped = 0
            self._append(words.encode())
            self.flush()

    def close(self) -> None:
        os.close(self.fd)

    def _append(self, line: bytes) -> None:
        self._waiting.append(line)
        self._bytes += len(line)

    def _take(self) -> Iterable[bytes]:
        taken = 0
        while self._waiting and taken < 32_768:
            line = self._waiting.popleft()
            taken += len(line)
            self._bytes -= len(line)
            yield line


def open_stdout() -> int:
    """Over a description of its own, so that only writes to it don't block."""
    try:
        return os.open("/proc/self/fd/1", os.O_WRONLY | os.O_NONBLOCK | os.O_APPEND)
    except OSError:
        # A socket, for one, can't be opened anew.
        fd = os.dup(1)
        os.set_blocking(fd, False)
        return fd
