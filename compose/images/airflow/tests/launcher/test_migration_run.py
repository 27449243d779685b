import signal

import pytest
from fakes import FakeHands, facts
from stack_launcher.loop import NEVER
from stack_launcher.migration_run import MigrationRun

PID = 101


@pytest.fixture
def hands():
    return FakeHands()


@pytest.fixture
def run(hands):
    return MigrationRun(hands, lambda: None)


def exited(code):
    return code << 8


def test_is_one_child_that_takes_its_time(hands, run):
    assert hands.forked == [("migrate", PID)]
    assert run.result is None
    assert run.next_due() == NEVER
    run.tick(1e9)
    run.observed(facts(1e9))
    assert (run.result, run.is_stopped, hands.said, hands.sent) == (None, False, [], [])


def test_ends_well(hands, run):
    run.ended(PID, exited(0), 1.0)
    assert (run.result, run.is_stopped, hands.said) == (0, False, [])


@pytest.mark.parametrize(
    ("status", "is_out_of_memory", "words"),
    [
        (exited(3), False, "exit code 3"),
        (signal.SIGSEGV.value, False, "killed by SIGSEGV"),
        (signal.SIGKILL.value, True, "killed by SIGKILL (out of memory)"),
    ],
)
def test_a_failure_is_told(hands, run, status, is_out_of_memory, words):
    hands.is_out_of_memory = is_out_of_memory
    run.ended(PID, status, 1.0)
    assert run.result == 1
    assert hands.said == [f"the migration of the database failed: {words}"]


def test_the_end_of_another_process_is_none_of_its(hands, run):
    run.ended(PID + 1, exited(3), 1.0)
    assert (run.result, hands.said) == (None, [])


@pytest.mark.parametrize("status", [exited(0), exited(1), signal.SIGTERM.value])
def test_a_stop_ends_it_and_that_is_no_failure(hands, run, status):
    run.begin_stop(1.0)
    assert (run.is_stopped, run.result) == (True, None)
    assert hands.sent == [(signal.SIGTERM, {PID})]
    run.ended(PID, status, 2.0)
    assert (run.result, hands.said) == (0, [])
