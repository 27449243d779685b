"""What a worker takes its work from."""

from __future__ import annotations

import multiprocessing
import os
from typing import Any

LOOK_UP_S = 1.0


class WorkerQueue:
    """The reading end of a `multiprocessing.SimpleQueue`, for a child of the nursery.

    When the nursery is gone, its idle workers end as if they were told to, and the busy ones after their task: they
    would take work, and closing messages, from those of the next nursery.
    """

    def __init__(self, queue: Any) -> None:
        """In the worker."""
        self._queue = queue
        parent = multiprocessing.parent_process()
        self._nursery = os.getppid() if parent is None else parent.pid

    def get(self) -> Any:
        """The next message; None is the closing one."""
        while True:
            with self._queue._rlock:
                is_there = self._queue._reader.poll(LOOK_UP_S)
                if os.getppid() != self._nursery:
                    return None
                if is_there:
                    return self._queue._reader.recv()
