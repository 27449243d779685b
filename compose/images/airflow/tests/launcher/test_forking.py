import os
import signal
import sys
import threading

import pytest
from stack_launcher.forking import fork


@pytest.fixture
def run(tmp_path):
    """Runs a function in a fork; returns its wait status and its output."""

    def start(function, close=lambda: None):
        output = os.open(tmp_path / "output", os.O_CREAT | os.O_RDWR | os.O_APPEND)
        pid = fork(function, output, close)
        status = os.waitpid(pid, 0)[1]
        os.close(output)
        return os.waitstatus_to_exitcode(status), (tmp_path / "output").read_text()

    return start


def test_output_goes_where_it_is_told_to(run):
    def speak():
        os.write(1, b"one\n")
        os.write(2, b"two\n")

    assert run(speak) == (0, "one\ntwo\n")


@pytest.mark.parametrize(("code", "status"), [(None, 0), (0, 0), (3, 3), (256 + 5, 5)])
def test_a_number_is_the_exit_status(run, code, status):
    def leave():
        sys.exit(code)

    assert run(leave)[0] == status


def test_words_are_printed_and_are_a_failure(run):
    def leave():
        sys.stderr = os.fdopen(os.dup(2), "w")
        sys.exit("no executor")

    assert run(leave) == (1, "no executor\n")


def test_an_exception_is_a_failure_that_is_shown(run):
    def fail():
        sys.stderr = os.fdopen(os.dup(2), "w")
        raise ValueError("what is this")

    status, output = run(fail)
    assert status == 1
    assert "ValueError: what is this" in output


def test_leads_a_session_of_its_own_with_signals_as_they_come(run):
    previous = signal.signal(signal.SIGTERM, lambda *_: None)

    def tell():
        os.write(1, f"{os.getsid(0) == os.getpid()} {signal.getsignal(signal.SIGTERM) == signal.SIG_DFL}".encode())

    try:
        assert run(tell) == (0, "True True")
    finally:
        signal.signal(signal.SIGTERM, previous)


def test_closes_what_is_the_launchers(run):
    reader, writer = os.pipe()

    def close():
        os.close(reader)

    def probe():
        os.write(1, b"%d" % os.path.exists(f"/proc/self/fd/{reader}"))

    assert run(probe, close) == (0, "0")
    os.close(reader)
    os.close(writer)


def test_runs_what_the_child_wants_to_be_run_at_its_end(run):
    def register():
        import atexit

        atexit.register(lambda: os.write(1, b"bye"))

    assert run(register) == (0, "bye")


def test_random_numbers_differ_between_children(tmp_path):
    import random

    drawn = set()
    for number in range(3):
        output = os.open(tmp_path / str(number), os.O_CREAT | os.O_RDWR)
        pid = fork(lambda: os.write(1, b"%f" % random.random()) and None, output, lambda: None)
        os.waitpid(pid, 0)
        os.close(output)
        drawn.add((tmp_path / str(number)).read_text())
    assert len(drawn) == 3


def test_dies_with_its_parent(tmp_path):
    reader, writer = os.pipe()
    launcher = os.fork()
    if launcher == 0:
        fork(signal.pause, writer, lambda: None)
        os.close(writer)
        os._exit(0)
    os.waitpid(launcher, 0)
    os.close(writer)
    # The end of the file: nobody has the writing end any more.
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_is_refused_beside_a_running_thread():
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="no fork beside running threads"):
            fork(lambda: None, 1, lambda: None)
    finally:
        done.set()
        thread.join()
