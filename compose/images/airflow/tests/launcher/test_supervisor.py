import signal

import pytest
from fakes import FakeHands, facts
from stack_launcher.components import COMPONENTS
from stack_launcher.health import Beat
from stack_launcher.process_tree import Process
from stack_launcher.status import Timeline
from stack_launcher.supervisor import Supervisor

NAMES = [one.name for one in COMPONENTS]
KILLED = signal.SIGKILL.value


@pytest.fixture
def hands():
    return FakeHands()


@pytest.fixture
def timeline():
    return Timeline(started_at=98.0)


@pytest.fixture
def supervisor(hands, timeline):
    return Supervisor(hands, lambda _: None, timeline, stop_limit_s=8.0, now=100.0)


@pytest.fixture
def healthy(supervisor):
    supervisor.tick(100.0)
    supervisor.observed(facts(102.0))
    assert supervisor.is_healthy
    return supervisor


def pid_of(supervisor, name):
    return next(one.pid for one in supervisor.states if one.component.name == name)


def test_forks_all_four_at_once(supervisor, hands):
    assert hands.forked == list(zip(NAMES, (101, 102, 103, 104), strict=True))
    assert not hands.healthy
    assert [one["state"] for one in hands.document["components"]] == ["starting"] * 4


def test_asks_ten_times_a_second_during_the_start_and_every_five_seconds_after(supervisor, hands):
    supervisor.tick(100.0)
    assert hands.asked == [[]]
    assert supervisor.next_due() == pytest.approx(100.1)
    supervisor.tick(100.05)
    assert len(hands.asked) == 1
    supervisor.tick(100.1)
    assert len(hands.asked) == 2
    supervisor.observed(facts(100.15))
    supervisor.tick(100.2)
    assert supervisor.next_due() == pytest.approx(105.2)


def test_memory_is_asked_for_when_all_are_healthy_and_not_each_time(healthy, hands):
    for moment in range(103, 135, 5):
        healthy.tick(float(moment))
    measured = [roots for roots in hands.asked if roots]
    assert measured == [[101, 102, 103, 104]] * 3


def test_is_healthy_only_when_all_four_are(supervisor, hands):
    supervisor.observed(facts(101.0, answers=False))
    assert not hands.healthy
    assert [hands.component(name)["state"] for name in NAMES] == ["starting", "healthy", "healthy", "healthy"]
    supervisor.observed(facts(102.0))
    assert hands.healthy


def test_the_timeline_has_each_component_once(healthy, timeline):
    healthy.ended(102, KILLED, 110.0)
    healthy.tick(110.5)
    healthy.observed(facts(112.0))
    assert [part["name"] for part in timeline.parts] == ["fork", *NAMES]
    assert timeline.parts[1] == {"name": "api-server", "start_ms": 2000, "end_ms": 4000}


def test_a_dead_component_is_named_at_once_and_restarted_alone(healthy, hands):
    healthy.ended(102, KILLED, 110.0)
    assert hands.healthy is False
    assert hands.component("scheduler")["state"] == "restarting"
    assert hands.component("scheduler")["last_exit"] == "killed by SIGKILL"
    assert hands.said == ["scheduler ended: killed by SIGKILL; next start in 0.5 s"]
    assert healthy.next_due() <= 110.5
    healthy.tick(110.4)
    assert len(hands.forked) == 4
    healthy.tick(110.5)
    assert hands.forked[4:] == [("scheduler", 105)]
    assert [pid_of(healthy, name) for name in NAMES] == [101, 105, 103, 104]
    healthy.observed(facts(111.0))
    assert hands.healthy
    assert hands.said[-1] == "scheduler is well again"


def test_what_a_dead_component_left_is_ended_before_the_next_is_forked(healthy, hands):
    healthy.ended(102, KILLED, 110.0)
    assert hands.cleared == [102]
    assert len(hands.forked) == 4


def test_there_are_never_two_of_a_kind(healthy, hands):
    now = 110.0
    for _ in range(20):
        pid = pid_of(healthy, "scheduler")
        healthy.ended(pid, KILLED, now)
        assert pid_of(healthy, "scheduler") is None
        now += 40.0
        healthy.tick(now)
        healthy.tick(now)
    assert [name for name, _ in hands.forked].count("scheduler") == 21
    assert hands.component("scheduler")["restarts"] == 20


def test_waits_grow_while_it_keeps_dying(healthy):
    waits = []
    now = 110.0
    for _ in range(8):
        state = next(one for one in healthy.states if one.component.name == "triggerer")
        healthy.ended(state.pid, 256, now)
        waits.append(state.wait_s)
        now = state.restart_at
        healthy.tick(now)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_the_death_of_an_orphan_is_nobodys(healthy, hands):
    healthy.ended(999, KILLED, 110.0)
    assert hands.healthy
    assert hands.said == []


def test_a_death_for_want_of_memory_is_told_as_such(healthy, hands):
    hands.is_out_of_memory = True
    healthy.ended(102, KILLED, 110.0)
    assert hands.component("scheduler")["last_exit"] == "killed by SIGKILL (out of memory)"


def test_a_component_that_falls_silent_is_named(healthy, hands):
    beats = {job: Beat(began=102.0, latest=140.0) for job in ("DagProcessorJob", "TriggererJob")}
    healthy.observed(facts(140.0, answers=False, beats=beats | {"SchedulerJob": Beat(began=102.0, latest=104.0)}))
    assert hands.healthy is False
    assert hands.said == ["api-server does not answer", "scheduler has shown no heartbeat lately"]
    assert hands.component("scheduler")["state"] == "unhealthy"


def test_a_freeze_is_told_from_silence(healthy, hands):
    hands.healthy = None
    healthy.tick(5000.0)
    assert hands.healthy is True
    old = {job: Beat(began=102.0, latest=104.0) for job in ("SchedulerJob", "DagProcessorJob", "TriggererJob")}
    healthy.observed(facts(5000.1, answers=False, beats=old))
    assert hands.healthy is True
    healthy.tick(5005.0)
    healthy.observed(facts(5031.0, beats=old))
    assert hands.healthy is False


class TestClockPutBack:
    """By an hour, as the network may do it to a machine that woke up with a wrong clock."""

    @pytest.fixture
    def late(self, hands, timeline):
        made = Supervisor(hands, lambda _: None, timeline, stop_limit_s=8.0, now=5000.0)
        made.tick(5000.0)
        return made

    def test_a_start_goes_on(self, late, hands):
        late.tick(1400.0)
        assert late.next_due() == pytest.approx(1400.1)
        late.observed(facts(1401.0))
        assert hands.healthy

    def test_health_is_looked_after(self, late, hands):
        late.observed(facts(5001.0))
        late.tick(5001.0)
        late.tick(1401.0)
        asked = len(hands.asked)
        late.tick(1406.1)
        assert len(hands.asked) == asked + 1
        late.observed(facts(1450.0, answers=False, beats={}))
        assert hands.healthy is False
        assert "api-server does not answer" in hands.said

    def test_a_component_that_dies_is_restarted_at_once(self, late, hands):
        late.observed(facts(5001.0))
        late.ended(102, KILLED, 5002.0)
        late.tick(5002.0)
        late.tick(1402.2)
        late.tick(1402.8)
        assert hands.forked[4:] == [("scheduler", 105)]
        late.observed(facts(1404.0))
        assert hands.healthy

    def test_a_stop_takes_its_time_and_no_more(self, late, hands):
        late.observed(facts(5001.0))
        late.begin_stop(1401.0)
        late.tick(1401.0)
        assert not [pids for number, pids in hands.sent if number == signal.SIGKILL]
        late.tick(1405.0)
        late.tick(405.0)
        hands.tree = {101: Process(101, 7, 101, 101)}
        late.tick(409.1)
        assert [pids for number, pids in hands.sent if number == signal.SIGKILL]


class TestStop:
    def test_health_is_gone_at_once(self, healthy, hands):
        healthy.begin_stop(110.0)
        assert hands.healthy is False

    def test_ends_well_when_all_have_ended(self, healthy, hands):
        healthy.begin_stop(110.0)
        for pid in (103, 102, 104):
            healthy.ended(pid, 0, 110.2)
            healthy.tick(110.2)
        assert healthy.result is None
        healthy.ended(101, 0, 110.5)
        healthy.tick(110.5)
        assert healthy.result == 0
        assert [hands.component(name)["state"] for name in NAMES] == ["stopped"] * 4

    def test_nothing_is_restarted(self, healthy, hands):
        healthy.ended(104, KILLED, 109.9)
        healthy.begin_stop(110.0)
        assert hands.component("triggerer")["state"] == "stopped"
        healthy.tick(120.0)
        assert len(hands.forked) == 4

    def test_a_second_signal_changes_nothing(self, healthy, hands):
        healthy.begin_stop(110.0)
        sent = list(hands.sent)
        healthy.begin_stop(111.0)
        assert hands.sent == sent

    def test_late_facts_change_nothing(self, healthy, hands):
        healthy.begin_stop(110.0)
        healthy.observed(facts(110.1))
        assert hands.healthy is False

    def test_looks_often_whether_it_is_over(self, healthy):
        healthy.tick(110.0)
        healthy.begin_stop(110.0)
        assert healthy.next_due() == pytest.approx(110.05)

    def test_one_that_had_to_be_killed_is_no_clean_end(self, healthy, hands):
        healthy.begin_stop(110.0)
        healthy.tick(118.0)
        for pid in (101, 102, 103, 104):
            healthy.ended(pid, KILLED, 118.1)
        healthy.tick(118.1)
        assert healthy.result == 1
