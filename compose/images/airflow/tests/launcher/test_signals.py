import os
import signal

import pytest
from stack_launcher.signals import STOP, SignalPipe

NUMBERS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


@pytest.fixture
def pipe():
    handlers = {number: signal.getsignal(number) for number in NUMBERS}
    made = SignalPipe()
    yield made
    signal.set_wakeup_fd(-1)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    made.close()


def test_nothing_yet(pipe):
    assert pipe.read() == set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_that_is_to_stop(pipe, number):
    os.kill(os.getpid(), number)
    assert STOP & pipe.read() == {number}
    assert pipe.read() == set()


def test_a_child_that_ended(pipe):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    read = pipe.read()
    assert read == {signal.SIGCHLD}
    assert not STOP & read


def test_several_are_read_at_once(pipe):
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGTERM):
        os.kill(os.getpid(), number)
    assert pipe.read() == {signal.SIGTERM, signal.SIGCHLD}


def test_more_than_the_pipe_takes_are_no_error(pipe, capfd):
    for _ in range(70_000):
        signal.raise_signal(signal.SIGCHLD)
    assert pipe.read() == {signal.SIGCHLD}
    assert capfd.readouterr().err == ""


def test_one_wakes_whoever_waits_for_the_pipe(pipe):
    import select

    assert select.select([pipe.reader], [], [], 0)[0] == []
    os.kill(os.getpid(), signal.SIGTERM)
    assert select.select([pipe.reader], [], [], 0)[0] == [pipe.reader]
