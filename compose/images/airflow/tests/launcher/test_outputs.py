import os

import pytest
from stack_launcher.outputs import open_output


@pytest.fixture
def output():
    opened = open_output("scheduler", 9)
    yield opened
    opened.close()


def test_nothing_yet(output):
    assert output.read() == []


def test_all_that_has_come_is_read(output):
    text = b"".join(b"line %d\n" % number for number in range(8_000))
    os.write(output.writer, text[:60_000])
    read = output.read()
    os.write(output.writer, text[60_000:])
    read += output.read()
    assert b"".join(read) == b"".join(b"scheduler | line %d\n" % number for number in range(8_000))


def test_the_last_words_of_a_process_are_read_after_its_death(output):
    pid = os.fork()
    if pid == 0:
        os.write(output.writer, b"first\nlast, without an end")
        os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)
    assert output.read_last() == [b"scheduler | first\n", b"scheduler | last, without an end\n"]


def test_the_next_process_writes_to_the_same_pipe(output):
    for text in (b"one", b"two"):
        pid = os.fork()
        if pid == 0:
            os.write(output.writer, text)
            os._exit(0)
        os.waitpid(pid, 0)
        assert output.read_last() == [b"scheduler | " + text + b"\n"]
