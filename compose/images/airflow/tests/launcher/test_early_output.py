import os
import subprocess
import sys
import threading

import pytest
from stack_launcher.early_output import named_lines
from stack_launcher.outputs import open_output


@pytest.fixture
def run(capfd):
    """Runs a function under a name; returns what came out."""

    def begin(speak):
        with named_lines(open_output("launcher", 9)):
            speak()
        return capfd.readouterr()

    return begin


def test_each_line_has_the_name_whoever_wrote_it(run):
    def speak():
        os.write(1, b"one\ntwo\n")
        os.write(2, b"three\n")
        subprocess.run(["echo", "four"], check=True)

    assert run(speak).out.splitlines() == [f"launcher  | {word}" for word in ("one", "two", "three", "four")]


def test_a_line_without_an_end_is_given_one(run):
    assert run(lambda: os.write(1, b"half")).out == "launcher  | half\n"


def test_what_is_written_later_goes_where_it_always_went(run, capfd):
    run(lambda: None)
    os.write(1, b"later\n")
    os.write(2, b"error\n")
    assert capfd.readouterr() == ("later\n", "error\n")


def test_the_words_before_a_failure_are_not_lost(capfd):
    with pytest.raises(ImportError), named_lines(open_output("launcher", 9)):
        os.write(2, b"this will fail\n")
        raise ImportError
    assert capfd.readouterr().out == "launcher  | this will fail\n"


def test_ends_though_somebody_keeps_the_output_open(run):
    children = []

    def speak():
        children.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]))

    assert run(speak).out == ""
    (child,) = children
    assert child.poll() is None
    child.kill()
    child.wait()


def test_leaves_neither_a_thread_nor_an_open_file(run):
    before = sorted(os.listdir("/proc/self/fd"))
    run(lambda: os.write(1, b"x"))
    assert threading.active_count() == 1
    assert sorted(os.listdir("/proc/self/fd")) == before
