import multiprocessing
import os
import signal
import time

import pytest
from stack_launcher.deviations.worker_queue import WorkerQueue
from stack_launcher.process_lock import guard_readers

fork = multiprocessing.get_context("fork")


def read_into(source, results):
    queue = WorkerQueue(source)
    while (message := queue.get()) is not None:
        results.put((message, os.getpid()))


def nurse(source, results, pids, count):
    """In a process of its own: the nursery of so many workers."""
    workers = [fork.Process(target=read_into, args=(source, results)) for _ in range(count)]
    for worker in workers:
        worker.start()
        pids.put(worker.pid)
    for worker in workers:
        worker.join()


@pytest.fixture
def queues():
    source, results = fork.SimpleQueue(), fork.SimpleQueue()
    guard_readers(source)
    return source, results


@pytest.fixture
def start(queues):
    """One that never ends would hold the tests up for ever."""
    started = []

    def begin(count):
        # Its own queue, whose lock it may die with.
        told = fork.SimpleQueue()
        nursery = fork.Process(target=nurse, args=(*queues, told, count))
        nursery.start()
        pids = [told.get() for _ in range(count)]
        started.extend([nursery.pid, *pids])
        return nursery, pids

    yield begin
    for pid in started:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def is_there(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_work_and_closing_messages_come_through(queues, start):
    nursery, pids = start(2)
    for message in ("one", {"two": 2}, None, None):
        queues[0].put(message)
    nursery.join(10)
    told = [queues[1].get() for _ in range(2)]
    # Either worker may be the first to tell.
    assert sorted((message for message, _ in told), key=str) == ["one", {"two": 2}]
    assert {pid for _, pid in told} <= set(pids)


def test_those_of_a_lost_nursery_end_and_take_nothing_from_the_next(queues, start):
    nursery, orphans = start(3)
    nursery.kill()
    nursery.join()
    second, heirs = start(2)
    for message in ("one", "two", "three"):
        queues[0].put(message)
    told = [queues[1].get() for _ in range(3)]
    assert {pid for _, pid in told} <= set(heirs)
    deadline = time.monotonic() + 30
    while any(is_there(pid) for pid in orphans):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    queues[0].put(None)
    queues[0].put(None)
    second.join(10)
    assert second.exitcode == 0
