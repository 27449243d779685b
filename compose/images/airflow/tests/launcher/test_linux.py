import errno
import os
import signal
import time

import pytest
from stack_launcher import linux
from stack_launcher.linux import adopt_orphans, die_with_parent

WAIT_S = 10


def in_fork(function):
    """What the function returns, as text, from a fork; and the fork's exit status."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            os.write(writer, str(function()).encode())
            os._exit(0)
        finally:
            os._exit(99)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        told = file.read().decode()
    return told, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def parent_of_orphan(prepare):
    """Forks a process whose child outlives it; returns whether that child's new parent is this process."""
    prepare()
    reader, writer = os.pipe()
    middle = os.fork()
    if middle == 0:
        me = os.getpid()
        if os.fork() == 0:
            deadline = time.monotonic() + WAIT_S
            while os.getppid() == me and time.monotonic() < deadline:
                time.sleep(0.005)
            os.write(writer, str(os.getppid()).encode())
        os._exit(0)
    os.waitpid(middle, 0)
    return int(os.read(reader, 20)) == os.getpid()


def test_orphans_are_adopted():
    assert in_fork(lambda: parent_of_orphan(adopt_orphans)) == ("True", 0)


def test_they_would_go_elsewhere_otherwise():
    assert in_fork(lambda: parent_of_orphan(lambda: None)) == ("False", 0)


def test_dies_with_its_parent():
    reader, writer = os.pipe()
    ready, is_ready = os.pipe()
    parent = os.fork()
    if parent == 0:
        me = os.getpid()
        if os.fork() == 0:
            die_with_parent(me)
            os.write(is_ready, b"1")
            signal.alarm(WAIT_S)
            signal.pause()
        signal.pause()
    os.close(writer)
    os.read(ready, 1)
    began = time.monotonic()
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    # The end of the file: the child had the last writing end.
    assert os.read(reader, 1) == b""
    assert time.monotonic() - began < WAIT_S / 2
    for fd in (reader, ready, is_ready):
        os.close(fd)


def test_ends_at_once_when_its_parent_has_ended_before():
    def begin():
        die_with_parent(os.getppid() + 1)
        return "still here"

    assert in_fork(begin) == ("", 1)


def test_lives_on_beside_its_parent():
    me = os.getpid()
    assert in_fork(lambda: die_with_parent(me)) == ("None", 0)


def test_what_the_kernel_refuses_is_an_error():
    with pytest.raises(OSError, match=r"prctl\(-1\)") as caught:
        linux._prctl(-1, 0)
    assert caught.value.errno == errno.EINVAL
