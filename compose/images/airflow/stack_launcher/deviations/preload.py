"""Forks the LocalExecutor's workers from a process that has imported the usual ML libraries, because importing them
takes a task three seconds or more, again and again.

That process, the nursery, is a child of the scheduler; it starts as many workers as the executor would, and replaces
those that die. What a worker does is the executor's own code. Switch: PRELOAD.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stack_launcher.deviations.nursery import Nursery
from stack_launcher.deviations.worker_queue import WorkerQueue
from stack_launcher.process_lock import guard_readers

# Nobody waits for the libraries, but the start, until then, has better uses for the processor.
PATIENCE_S = 60.0


def install(is_on: bool, healthy: Path) -> None:
    """In the scheduler's process. The file `healthy` is there when the start is over."""
    if is_on and multiprocessing.get_start_method() == "fork":
        from airflow.executors import local_executor

        replace_workers(local_executor, healthy)


def replace_workers(local_executor: Any, healthy: Path) -> None:
    """`local_executor` is Airflow's module."""
    executor_class = local_executor.LocalExecutor
    run_worker = local_executor._run_worker
    stock_check, stock_end = executor_class._check_workers, executor_class.end

    def start(executor: Any, count: int) -> None:
        deadline = time.monotonic() + PATIENCE_S

        def is_time() -> bool:
            # Work can't wait.
            return healthy.exists() or not executor.activity_queue.empty() or time.monotonic() > deadline

        guard_readers(executor.activity_queue)
        nursery = Nursery(count, _work(executor, run_worker), is_time)
        nursery.start()
        executor.workers[nursery.pid] = nursery

    def check(executor: Any) -> None:
        if not executor.is_mp_using_fork:
            stock_check(executor)
            return
        for pid, nursery in list(executor.workers.items()):
            if not nursery.is_alive():
                nursery.close()
                del executor.workers[pid]
        if not executor.workers:
            start(executor, executor.parallelism)

    def end(executor: Any) -> None:
        if executor.is_mp_using_fork:
            close_nurseries(executor)
        else:
            stock_end(executor)

    # Called only where workers are forked.
    executor_class._spawn_workers_with_gc_freeze = start
    executor_class._check_workers = check
    executor_class.end = end


def close_nurseries(executor: Any) -> None:
    """As the executor's own end, with as many closing messages as a nursery has workers."""
    executor.log.info("Shutting down LocalExecutor; waiting for running tasks to finish.")
    for nursery in executor.workers.values():
        if not nursery.has_opened:
            # It has no workers yet. What is queued stays queued, and the next scheduler resets it.
            nursery.kill()
        elif nursery.is_alive():
            for _ in range(nursery.count):
                executor.activity_queue.put(None)
    for nursery in executor.workers.values():
        nursery.join()
        nursery.close()
    executor._read_results()
    executor.activity_queue.close()
    executor.result_queue.close()


def _work(executor: Any, run_worker: Callable[..., None]) -> Callable[[], None]:
    def work() -> None:
        run_worker(
            logger_name=executor.log.name,
            input=WorkerQueue(executor.activity_queue),
            output=executor.result_queue,
            unread_messages=executor._unread_messages,
            team_conf=executor.conf,
        )

    return work
