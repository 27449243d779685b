import os

import pytest
from stack_launcher.sink import Sink, open_stdout


@pytest.fixture
def pipe():
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    yield reader, writer
    os.close(reader)
    os.close(writer)


def read_all(reader):
    chunks = b""
    while True:
        try:
            chunks += os.read(reader, 65_536)
        except BlockingIOError:
            return chunks


def test_lines_that_are_taken_are_passed_on_at_once(pipe):
    reader, writer = pipe
    sink = Sink(writer)
    sink.put([b"one\n", b"two\n"])
    assert read_all(reader) == b"one\ntwo\n"
    assert not sink.is_pending


def test_what_is_not_taken_waits_and_loses_nothing(pipe):
    reader, writer = pipe
    sink = Sink(writer)
    lines = [b"%06d %s\n" % (number, b"x" * 93) for number in range(5_000)]
    sink.put(lines)
    assert sink.is_pending
    taken = b""
    while sink.is_pending:
        taken += read_all(reader)
        sink.flush()
    assert taken + read_all(reader) == b"".join(lines)


def test_too_much_is_dropped_and_counted_in_its_place(pipe):
    reader, writer = pipe
    line = b"y" * 999 + b"\n"
    sink = Sink(writer, capacity=100_000)
    sink.put([line] * 400)
    sink.put([b"after\n"])
    taken = b""
    while sink.is_pending:
        taken += read_all(reader)
        sink.flush()
    taken += read_all(reader)
    kept = taken.count(line)
    told = next(one for one in taken.splitlines() if one.startswith(b"launcher | "))
    dropped = int(told.split()[2])
    assert kept + dropped == 400 + 1 - taken.count(b"after\n")
    assert dropped > 0


def test_a_reader_that_is_gone_is_no_reason_to_stop(pipe):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.close(reader)
    sink = Sink(writer)
    sink.put([b"to nobody\n"])
    assert not sink.is_pending
    os.close(writer)


def test_its_own_description_leaves_standard_output_blocking():
    fd = open_stdout()
    try:
        assert not os.get_blocking(fd)
        assert os.get_blocking(1)
    finally:
        os.close(fd)
