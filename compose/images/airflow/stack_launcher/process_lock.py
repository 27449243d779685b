"""A lock between processes that is free again when its holder is killed.

Those of multiprocessing stay locked for ever then. A queue's readers wait for their next message with its lock held,
so the death of an idle one would keep all others from reading.
"""

from __future__ import annotations

import fcntl
import os
from typing import Any


class ProcessLock:
    """The kernel's record lock on a file in memory, which belongs to a process and is not inherited by its forks."""

    def __init__(self) -> None:
        self._fd = os.memfd_create("process-lock")

    def __enter__(self) -> None:
        fcntl.lockf(self._fd, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        fcntl.lockf(self._fd, fcntl.LOCK_UN)


def guard_readers(queue: Any) -> None:
    """Of a `multiprocessing.SimpleQueue`, before the first of them is forked; a second call changes nothing."""
    if not isinstance(getattr(queue, "_rlock", None), ProcessLock):
        queue._rlock = ProcessLock()
