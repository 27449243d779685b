"""With real processes."""

import multiprocessing
import time

import pytest
from stack_launcher.process_lock import ProcessLock, guard_readers

WAIT_S = 10
fork = multiprocessing.get_context("fork")


@pytest.fixture
def start():
    processes = []

    def begin(target, *args):
        process = fork.Process(target=target, args=args)
        process.start()
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.join(WAIT_S)


def enter(lock, inside, name):
    with lock:
        inside.put(name)
        time.sleep(WAIT_S)


def read(queue, said):
    said.put(queue.get())


def test_lets_one_in_at_a_time_and_the_next_when_that_one_was_killed(start):
    lock, inside = ProcessLock(), fork.SimpleQueue()
    first = start(enter, lock, inside, "first")
    assert inside.get() == "first"
    start(enter, lock, inside, "second")
    time.sleep(0.2)
    assert inside.empty()
    first.kill()
    assert inside.get() == "second"


def test_a_queue_is_read_on_when_readers_that_waited_were_killed(start):
    queue, said = fork.SimpleQueue(), fork.SimpleQueue()
    guard_readers(queue)
    doomed = [start(read, queue, said) for _ in range(3)]
    # All of them wait, one for a message and two for the lock.
    time.sleep(0.3)
    for process in doomed:
        process.kill()
        process.join(WAIT_S)
    start(read, queue, said)
    queue.put("message")
    assert said.get() == "message"


def test_a_queue_keeps_the_lock_that_its_readers_know():
    queue = fork.SimpleQueue()
    guard_readers(queue)
    lock = queue._rlock
    guard_readers(queue)
    assert queue._rlock is lock
