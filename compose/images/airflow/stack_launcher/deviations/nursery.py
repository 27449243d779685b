"""The process from which workers are forked."""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.connection
import os
import signal
import time
from collections.abc import Callable

from stack_launcher.deviations.libraries import import_libraries
from stack_launcher.linux import die_with_parent

POLL_S = 0.1


class Nursery(multiprocessing.Process):
    def __init__(
        self,
        count: int,
        work: Callable[[], None],
        is_time: Callable[[], bool],
        prepare: Callable[[], None] = import_libraries,
    ) -> None:
        """When `is_time`, `prepare` is called once, and then `work` runs in `count` processes."""
        super().__init__(name="nursery")
        self.count = count
        self._work = work
        self._is_time = is_time
        self._prepare = prepare
        self._parent = os.getpid()
        self._opened = multiprocessing.Event()

    @property
    def has_opened(self) -> bool:
        """Whether there are workers, or are about to be."""
        return self._opened.is_set()

    def run(self) -> None:
        die_with_parent(self._parent)
        # What the scheduler has made stays as it is, and shared.
        gc.freeze()
        # The scheduler alone is told to end; its workers take no notice of a signal while they are idle.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while not self._is_time():
            time.sleep(POLL_S)
        self._prepare()
        self._opened.set()
        keep_workers(self.count, self._start_worker)

    def _start_worker(self) -> multiprocessing.Process:
        worker = multiprocessing.Process(target=self._work)
        worker.start()
        return worker


def keep_workers(count: int, start: Callable[[], multiprocessing.Process]) -> None:
    """Until every worker was told to close: such a one ends well, and any other end was an accident."""
    workers = [start() for _ in range(count)]
    while workers:
        multiprocessing.connection.wait([one.sentinel for one in workers])
        for worker in [one for one in workers if not one.is_alive()]:
            workers.remove(worker)
            if worker.exitcode != 0:
                workers.append(start())
            worker.close()
