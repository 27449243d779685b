"""With real processes."""

import multiprocessing
import os
import signal
import time

import pytest
from stack_launcher.deviations.nursery import Nursery, keep_workers

WAIT_S = 10
fork = multiprocessing.get_context("fork")


def nothing():
    pass


class Inbox:
    """Workers write what they have to say, and wait for one message each before they end."""

    def __init__(self):
        self.said = fork.SimpleQueue()
        self.orders = fork.SimpleQueue()

    def work(self):
        self.said.put((os.getpid(), os.getppid()))
        order = self.orders.get()
        if order is not None:
            os._exit(order)

    def close(self):
        self.said.close()
        self.orders.close()


@pytest.fixture(autouse=True)
def deadline():
    def fail(*_):
        raise TimeoutError

    previous = signal.signal(signal.SIGALRM, fail)
    signal.alarm(2 * WAIT_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)


@pytest.fixture(autouse=True)
def forks():
    if multiprocessing.get_start_method() != "fork":
        multiprocessing.set_start_method("fork", force=True)


@pytest.fixture
def inbox():
    made = Inbox()
    yield made
    made.close()


@pytest.fixture
def start(inbox):
    nurseries = []

    def begin(count=2, is_time=lambda: True, prepare=nothing):
        nursery = Nursery(count, inbox.work, is_time, prepare)
        nurseries.append(nursery)
        nursery.start()
        return nursery

    yield begin
    for nursery in nurseries:
        if nursery.is_alive():
            for _ in range(nursery.count):
                inbox.orders.put(None)
            nursery.join(1)
            nursery.kill()
        nursery.join(WAIT_S)


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_are_forks_of_the_nursery_which_ends_with_them(inbox, start):
    nursery = start(3)
    told = [inbox.said.get() for _ in range(3)]
    assert len({pid for pid, _ in told}) == 3
    assert {parent for _, parent in told} == {nursery.pid}
    assert nursery.pid != os.getpid()
    for _ in range(3):
        inbox.orders.put(None)
    nursery.join(WAIT_S)
    assert nursery.exitcode == 0
    assert not any(is_there(pid) for pid, _ in told)


def test_a_worker_that_is_killed_is_replaced(inbox, start):
    nursery = start(2)
    first = [inbox.said.get() for _ in range(2)]
    # An order reaches whoever waits for it, and that one dies of it.
    inbox.orders.put(1)
    pid, parent = inbox.said.get()
    assert pid not in {one for one, _ in first}
    assert parent == nursery.pid
    victim = next(one for one in [*[one for one, _ in first], pid] if is_there(one))
    assert nursery.is_alive()
    inbox.orders.put(None)
    inbox.orders.put(None)
    nursery.join(WAIT_S)
    assert (nursery.exitcode, is_there(victim)) == (0, False)


def test_one_that_dies_of_a_signal_is_replaced():
    said = fork.SimpleQueue()

    def start():
        number = start.number
        start.number += 1

        def work():
            said.put(number)
            if number == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        worker = fork.Process(target=work)
        worker.start()
        return worker

    start.number = 0
    keep_workers(2, start)
    assert sorted(said.get() for _ in range(3)) == [0, 1, 2]
    assert said.empty()
    said.close()


def test_is_prepared_once_and_only_when_it_is_time(inbox, start):
    is_time, prepared = fork.Event(), fork.SimpleQueue()
    nursery = start(2, is_time.is_set, lambda: prepared.put(os.getpid()))
    time.sleep(0.3)
    assert (nursery.has_opened, prepared.empty(), inbox.said.empty()) == (False, True, True)
    is_time.set()
    assert {inbox.said.get()[1], inbox.said.get()[1]} == {nursery.pid}
    assert nursery.has_opened
    assert prepared.get() == nursery.pid
    assert prepared.empty()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_takes_no_notice_of_signals_that_are_for_the_scheduler(inbox, start, number):
    nursery = start(1)
    pid, _ = inbox.said.get()
    os.kill(nursery.pid, number)
    os.kill(pid, number)
    time.sleep(0.1)
    assert nursery.is_alive()
    inbox.orders.put(None)
    nursery.join(WAIT_S)
    assert nursery.exitcode == 0


def test_ends_with_its_scheduler():
    reader, writer = os.pipe()
    scheduler = os.fork()
    if scheduler == 0:
        Nursery(1, nothing, lambda: False, nothing).start()
        os.close(writer)
        os._exit(0)
    os.waitpid(scheduler, 0)
    os.close(writer)
    # The end of the file: nobody has the writing end any more.
    assert os.read(reader, 1) == b""
    os.close(reader)
