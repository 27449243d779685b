import io
import json
import os
import socket
import threading

import pytest
from fakes import tree
from stack_launcher import observer
from stack_launcher.health import Beat, Facts
from stack_launcher.memory import MemoryMeter
from stack_launcher.observer import ApiReader, BeatReader, Place, api_answers, decode, encode, measure, observe


class FakeDatabase:
    """Rows of jobs, or a failure; counts how often it was connected to."""

    def __init__(self):
        self.rows = []
        self.is_down = False
        self.connections = 0
        self.closed = 0
        self.parameters = None

    def open(self):
        if self.is_down:
            raise OSError("connection refused")
        self.connections += 1
        return self

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def execute(self, _query, parameters=None):
        if self.is_down:
            raise OSError("server closed the connection")
        self.parameters = parameters

    def fetchall(self):
        return self.rows

    def close(self):
        self.closed += 1


@pytest.fixture
def database():
    return FakeDatabase()


@pytest.fixture
def reader(database):
    return BeatReader(database.open, "airflow")


def serve(*answers):
    """A server on a free port that gives one answer to each request; the lines that asked are kept in the list."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked = []

    def answer_each():
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                asked.append(connection.recv(4096).split(b" HTTP")[0])
                connection.sendall(answer)
        listener.close()

    thread = threading.Thread(target=answer_each)
    thread.start()
    return listener.getsockname()[1], thread, asked


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 405 Method Not Allowed\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", True),
        (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", False),
        (b"", False),
    ],
)
def test_an_api_server_answers(answer, expected):
    port, thread, _ = serve(answer)
    assert api_answers(port) is expected
    thread.join()


def test_one_that_is_not_there_does_not():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert not api_answers(port)


def test_one_that_takes_the_request_and_hangs_does_not():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not api_answers(listener.getsockname()[1], timeout_s=0.05)


def test_an_api_server_is_asked_for_what_tasks_call_until_it_answers():
    good, bad = b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 500 Internal Server Error\r\n\r\n"
    port, thread, asked = serve(bad, good, good, bad, good)
    api = ApiReader(port)
    assert [api.answers() for _ in range(5)] == [False, True, True, False, True]
    thread.join()
    ready, alive = b"GET /execution/health", b"HEAD /api/v2/monitor/health"
    assert asked == [ready, ready, alive, alive, ready]


def test_reads_the_newest_beats_of_this_host_and_start(database, reader):
    database.rows = [("SchedulerJob", 1001, 1005.5)]
    assert reader.read() == {"SchedulerJob": Beat(began=1001.0, latest=1005.5)}
    assert database.parameters == ("airflow",)


def test_one_connection_serves_until_it_breaks(database, reader):
    reader.read()
    reader.read()
    assert database.connections == 1
    database.is_down = True
    assert reader.read() is None
    assert reader.read() is None
    assert database.closed == 1
    database.is_down = False
    assert reader.read() == {}
    assert database.connections == 2


def test_memory_is_added_up_for_each_component(monkeypatch):
    processes = tree((20, 7, 20, 20), (30, 7, 30, 30), (31, 30, 30, 30))
    monkeypatch.setattr(observer, "read_processes", lambda: processes)

    class Meter(MemoryMeter):
        def measure(self, pids):
            return sum(pids)

    assert measure([20, 30], Meter()) == {20: 20, 30: 61}


def test_memory_that_nobody_asked_for_is_not_measured():
    assert measure([], MemoryMeter()) == {}


@pytest.mark.parametrize(
    "facts",
    [
        Facts(asked_at=5.25, at=5.25, answers=True, beats={"SchedulerJob": Beat(1.0, 2.0)}, memory={20: 4096}),
        Facts(asked_at=5.25, at=5.25, answers=False, beats=None, memory={}),
    ],
)
def test_facts_survive_the_way_through_the_pipe(facts):
    assert decode(encode(facts)) == facts


def test_answers_each_question_until_no_more_come():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    answers = io.BytesIO()
    questions = io.BytesIO(b"[]\n" + json.dumps([os.getpid()]).encode() + b"\n")
    observe(Place("postgresql://127.0.0.1:1/none", port, "airflow"), questions, answers)
    first, second = (decode(line) for line in answers.getvalue().splitlines())
    assert (first.answers, first.beats, first.memory) == (False, None, {})
    assert second.memory[os.getpid()] > 0
