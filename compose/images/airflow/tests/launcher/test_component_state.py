import pytest
from fakes import facts
from stack_launcher.component_state import ComponentState
from stack_launcher.components import COMPONENTS
from stack_launcher.health import Beat

API, SCHEDULER = COMPONENTS[0], COMPONENTS[1]


def started(component, at=100.0):
    state = ComponentState(component, since=at)
    state.forked(20, at)
    return state


def healthy(component, at=101.0):
    state = started(component)
    assert state.observed(facts(at), excused_until=0.0)
    return state


def test_begins_as_starting():
    state = started(SCHEDULER)
    assert (state.state, state.pid, state.since) == ("starting", 20, 100.0)


@pytest.mark.parametrize("component", [API, SCHEDULER])
def test_becomes_healthy_with_the_first_sign_of_life(component):
    state = started(component)
    assert not state.observed(facts(100.5, answers=False, beats={}), excused_until=0.0)
    assert state.observed(facts(100.6), excused_until=0.0)
    assert (state.state, state.since) == ("healthy", 100.6)
    assert not state.observed(facts(100.7), excused_until=0.0)


def test_the_beat_of_an_earlier_start_is_none_of_its_own():
    state = started(SCHEDULER)
    old = {"SchedulerJob": Beat(began=99.0, latest=100.9)}
    assert not state.observed(facts(101.0, beats=old), excused_until=0.0)
    assert state.state == "starting"


def test_facts_from_before_the_fork_say_nothing():
    state = started(API)
    assert not state.observed(facts(99.9), excused_until=0.0)


def test_silence_makes_it_unhealthy_and_a_beat_healthy_again():
    state = healthy(SCHEDULER)
    silent = {"SchedulerJob": Beat(began=101.0, latest=101.0)}
    assert not state.observed(facts(130.0, beats=silent), excused_until=0.0)
    assert state.observed(facts(131.0, beats=silent), excused_until=0.0)
    assert (state.state, state.since) == ("unhealthy", 131.0)
    assert state.observed(facts(132.0, beats={"SchedulerJob": Beat(began=101.0, latest=132.0)}), excused_until=0.0)
    assert state.state == "healthy"


def test_silence_while_all_was_frozen_is_excused():
    state = healthy(SCHEDULER)
    silent = {"SchedulerJob": Beat(began=101.0, latest=101.0)}
    assert not state.observed(facts(5000.0, beats=silent), excused_until=4999.0)
    assert state.state == "healthy"


def test_without_the_database_the_last_beat_counts_until_it_is_too_old():
    state = healthy(SCHEDULER)
    assert not state.observed(facts(120.0, beats=None), excused_until=0.0)
    assert state.state == "healthy"
    assert state.observed(facts(131.5, beats=None), excused_until=0.0)
    assert state.state == "unhealthy"


def test_a_job_that_is_no_longer_running_is_missed_at_once():
    state = healthy(SCHEDULER)
    assert state.observed(facts(106.0, beats={}), excused_until=0.0)
    assert state.state == "unhealthy"


def test_an_api_server_that_is_busy_for_a_moment_stays_healthy():
    state = healthy(API)
    assert not state.observed(facts(106.0, answers=False), excused_until=0.0)
    assert state.observed(facts(116.0, answers=False), excused_until=0.0)
    assert state.state == "unhealthy"


def test_after_a_death_it_waits_for_its_next_start():
    state = healthy(SCHEDULER)
    state.memory_bytes = 5
    state.ended("killed by SIGKILL", 110.0)
    assert (state.state, state.pid, state.restarts, state.memory_bytes) == ("restarting", None, 1, 0)
    assert (state.last_exit, state.wait_s, state.restart_at) == ("killed by SIGKILL", 0.5, 110.5)
    state.forked(21, 110.5)
    assert (state.state, state.last_exit) == ("starting", "killed by SIGKILL")
    state.ended("exit code 1", 111.0)
    assert (state.wait_s, state.restarts) == (1.0, 2)


def test_facts_about_a_dead_process_are_not_taken():
    state = healthy(API)
    state.ended("exit code 1", 110.0)
    assert not state.observed(facts(110.1), excused_until=0.0)


def test_a_minute_of_health_shortens_the_next_wait():
    state = healthy(SCHEDULER, at=101.0)
    state.wait_s = 16.0
    state.ended("exit code 1", 161.0)
    assert state.wait_s == 0.5


def test_a_start_that_takes_a_minute_and_fails_does_not():
    state = started(SCHEDULER)
    state.wait_s = 16.0
    state.ended("exit code 1", 190.0)
    assert state.wait_s == 30.0


def test_once_stopped_it_is_not_started_again():
    state = healthy(SCHEDULER)
    state.stopped("exit code 0", 110.0)
    assert (state.state, state.restart_at) == ("stopped", float("inf"))


def test_describes_itself_as_the_status_file_has_it():
    state = healthy(SCHEDULER, at=1_795_000_000.0)
    state.observed(facts(1_795_000_005.0, memory={20: 1024, 21: 7}), excused_until=0.0)
    assert state.describe() == {
        "name": "scheduler",
        "state": "healthy",
        "pid": 20,
        "since": "2026-11-18T11:06:40.000Z",
        "restarts": 0,
        "last_exit": None,
        "memory_bytes": 1024,
        "heartbeat": "2026-11-18T11:06:45.000Z",
    }
