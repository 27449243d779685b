"""The loop with real processes, whose components are small programs."""

import json
import os
import signal
import time

import pytest
from stack_launcher.components import COMPONENTS
from stack_launcher.hands import Hands
from stack_launcher.loop import run_loop
from stack_launcher.migration_run import MigrationRun
from stack_launcher.observer import Place
from stack_launcher.sink import Sink
from stack_launcher.status import Board, Timeline
from stack_launcher.supervisor import Supervisor


@pytest.fixture
def board(tmp_path):
    made = Board(tmp_path / "stack")
    made.clear()
    return made


@pytest.fixture
def output(tmp_path):
    fd = os.open(tmp_path / "output", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    yield Output(tmp_path / "output", fd)
    os.close(fd)


class Output:
    def __init__(self, path, fd):
        self.path, self.fd = path, fd

    def lines(self):
        return self.path.read_text().splitlines()


@pytest.fixture
def hands(board, output):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)}
    # A database and a server that aren't there: no component becomes healthy, and that is all right here.
    made = Hands(board, Sink(output.fd), Place("postgresql://127.0.0.1:1/none", 1, "airflow"))
    yield made
    signal.set_wakeup_fd(-1)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    made.link.lose()
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


class Watched:
    """A director that calls `look` at every tick."""

    def __init__(self, director, look):
        self._director, self._look = director, look

    def __getattr__(self, name):
        return getattr(self._director, name)

    def tick(self, now):
        self._director.tick(now)
        self._look(self._director)


def supervise(hands, run, look, stop_limit_s=5.0):
    now = time.time()
    supervisor = Supervisor(hands, run, Timeline(now), stop_limit_s, now)
    return run_loop(hands, Watched(supervisor, look))


def stop():
    os.kill(os.getpid(), signal.SIGTERM)


def wait_for_term():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    os.write(1, b"ready\n")
    while True:
        signal.pause()


def test_output_is_passed_on_with_the_component_before_each_line(hands, output):
    def look(_):
        if len(output.lines()) == len(COMPONENTS):
            stop()

    assert supervise(hands, lambda _: wait_for_term(), look) == 0
    assert sorted(output.lines()) == sorted(f"{one.name:<13} | ready" for one in COMPONENTS)


def test_one_that_dies_is_started_again_alone_and_loses_no_word(hands, output, board):
    pids = {}

    def run(component):
        if component.name == "scheduler":
            os.write(1, b"last words")
            os.kill(os.getpid(), signal.SIGKILL)
        wait_for_term()

    def look(supervisor):
        for state in supervisor.states:
            pids.setdefault(state.component.name, set()).add(state.pid)
        if output.lines().count("scheduler     | last words") == 2:
            stop()

    assert supervise(hands, run, look) == 0
    assert "launcher      | scheduler ended: killed by SIGKILL; next start in 0.5 s" in output.lines()
    status = json.loads(board.status.read_text())
    restarts = {one["name"]: one["restarts"] for one in status["components"]}
    assert restarts == {"api-server": 0, "scheduler": 2, "dag-processor": 0, "triggerer": 0}
    assert all(len(pids[one] - {None}) == 1 for one in ("api-server", "dag-processor", "triggerer"))


def test_what_a_dead_one_started_is_ended(hands, output):
    reader, writer = os.pipe()

    def run(component):
        if component.name == "scheduler":
            if os.fork() == 0:
                signal.pause()
            os.kill(os.getpid(), signal.SIGKILL)
        os.close(writer)
        wait_for_term()

    def look(_):
        if any("ended 1 processes" in line for line in output.lines()):
            stop()

    assert supervise(hands, run, look) == 0
    hands.link.lose()
    os.close(writer)
    # The end of the file: nobody has the writing end any more.
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_one_that_will_not_stop_is_killed_at_the_limit(hands, output):
    def run(component):
        if component.name == "triggerer":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.write(1, b"ready\n")
            while True:
                signal.pause()
        wait_for_term()

    def look(_):
        if sum("ready" in line for line in output.lines()) == len(COMPONENTS):
            stop()

    started = time.monotonic()
    assert supervise(hands, run, look, stop_limit_s=0.5) == 1
    assert "launcher      | killed at the limit: triggerer" in output.lines()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("run", "result", "words"),
    [
        (lambda: None, 0, None),
        (lambda: os._exit(3), 1, "launcher      | the migration of the database failed: exit code 3"),
    ],
)
def test_a_migration_ends_well_or_is_told(hands, output, run, result, words):
    assert run_loop(hands, MigrationRun(hands, run)) == result
    assert words is None or words in output.lines()


def test_a_migration_can_be_stopped(hands, output):
    def migrate():
        os.write(1, b"ready\n")
        signal.pause()

    run = MigrationRun(hands, migrate)

    def look(_):
        if "migrate       | ready" in output.lines():
            stop()

    assert run_loop(hands, Watched(run, look)) == 0
    assert run.is_stopped
