import signal

import pytest
from fakes import FakeHands, tree
from stack_launcher.component_state import ComponentState
from stack_launcher.components import COMPONENTS
from stack_launcher.stopping import Stop

API, SCHEDULER, PROCESSOR, TRIGGERER = 10, 30, 40, 50
TERM, KILL = signal.SIGTERM, signal.SIGKILL
# The scheduler's nursery, a worker, its task, and a program that the task started in a session of its own.
RUNNING = tree((30, 7, 30, 30), (31, 30, 30, 30), (32, 31, 30, 30), (33, 32, 33, 30), (34, 33, 34, 34), (40, 7, 40, 40))
SECOND_TASK = tree((36, 32, 36, 30))


@pytest.fixture
def hands():
    made = FakeHands()
    made.tree = RUNNING
    return made


@pytest.fixture
def states():
    made = [ComponentState(component, since=90.0) for component in COMPONENTS]
    for state, pid in zip(made, (API, SCHEDULER, PROCESSOR, TRIGGERER), strict=True):
        state.forked(pid, 90.0)
    return made


@pytest.fixture
def stop(hands, states):
    return Stop(hands, states, now=100.0, limit_s=10.0)


def end(states, *pids):
    for state in states:
        if state.pid in pids:
            state.stopped("exit code 0", 101.0)


def test_the_api_server_is_told_last(stop, hands, states):
    assert hands.sent == [(TERM, {SCHEDULER, PROCESSOR, TRIGGERER})]
    end(states, PROCESSOR, TRIGGERER)
    assert not stop.advance(101.0)
    assert len(hands.sent) == 1
    end(states, SCHEDULER)
    assert not stop.advance(101.1)
    assert hands.sent[1:] == [(TERM, {API})]


def test_the_api_server_need_not_wait_for_those_that_do_not_use_it(stop, hands, states):
    end(states, SCHEDULER)
    stop.advance(101.0)
    assert hands.sent[1:] == [(TERM, {API})]


def test_it_is_told_once(stop, hands, states):
    end(states, SCHEDULER)
    for moment in (101.0, 101.1, 105.0):
        stop.advance(moment)
    assert len(hands.sent) == 2


def test_all_is_over_when_all_have_ended(stop, states):
    end(states, API, SCHEDULER, PROCESSOR, TRIGGERER)
    assert stop.advance(101.0)
    assert stop.is_clean


def test_components_that_were_down_are_not_told(hands, states):
    end(states, SCHEDULER)
    Stop(hands, states, now=100.0, limit_s=10.0)
    assert hands.sent == [(TERM, {PROCESSOR, TRIGGERER})]


def test_tasks_have_time_to_end_by_themselves(stop, hands):
    stop.advance(104.9)
    assert len(hands.sent) == 1


def test_then_they_are_told_each_of_them_once(stop, hands):
    stop.advance(105.0)
    assert hands.sent[1:] == [(TERM, {33})]
    assert hands.said == ["running tasks are told to end, since the time for the stop is running out"]
    hands.tree = RUNNING | SECOND_TASK
    stop.advance(105.5)
    stop.advance(106.0)
    assert hands.sent[2:] == [(TERM, {36})]


def test_then_they_are_killed_with_all_they_started_and_their_supervisors_are_not(stop, hands):
    stop.advance(107.0)
    assert hands.sent[1:] == [(KILL, {33, 34})]


def test_at_the_limit_everything_is(stop, hands, states):
    end(states, PROCESSOR, TRIGGERER)
    stop.advance(110.0)
    assert hands.sent[1:] == [(KILL, {30, 31, 32, 33, 34})]
    assert hands.said[-1] == "killed at the limit: api-server, scheduler"
    assert not stop.is_clean


def test_and_that_is_said_once(stop, hands):
    for moment in (110.0, 110.05, 110.1):
        stop.advance(moment)
    assert len(hands.said) == 1


def test_without_a_scheduler_there_are_no_tasks_to_end(stop, hands, states):
    end(states, SCHEDULER)
    stop.advance(101.0)
    stop.advance(107.0)
    assert hands.sent[2:] == []
