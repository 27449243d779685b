"""Airflow's module is stood in for; test_preload_of_airflow.py has the real one."""

import multiprocessing
from types import SimpleNamespace

import pytest
from stack_launcher.deviations import preload


class Queue(list):
    is_closed = False

    def put(self, message):
        self.append(message)

    def empty(self):
        return not self

    def close(self):
        self.is_closed = True


class FakeNursery:
    made = []

    def __init__(self, count, work, is_time):
        self.count, self.work, self.is_time = count, work, is_time
        self.pid = 100 + len(self.made)
        self.events = []
        self.has_opened = self.alive = True
        self.made.append(self)

    def is_alive(self):
        return self.alive

    def __getattr__(self, name):
        if name in ("start", "kill", "close", "join"):
            return lambda *_: self._note(name)
        raise AttributeError(name)

    def _note(self, name):
        self.events.append(name)
        if name in ("kill", "join"):
            self.alive = False


def make_module():
    class LocalExecutor:
        def __init__(self, parallelism=3, forks=True):
            self.parallelism = parallelism
            self.is_mp_using_fork = forks
            self.workers = {}
            self.activity_queue, self.result_queue = Queue(), Queue()
            self._unread_messages, self.conf = "counter", "conf"
            self.log = SimpleNamespace(name="executor", info=lambda *_: None)
            self.events = []

        def _read_results(self):
            self.events.append("results read")

        def _check_workers(self):
            self.events.append("stock check")

        def end(self):
            self.events.append("stock end")

        def _spawn_workers_with_gc_freeze(self, count):
            self.events.append(f"stock start {count}")

    worked = []
    return SimpleNamespace(LocalExecutor=LocalExecutor, _run_worker=lambda **told: worked.append(told), worked=worked)


@pytest.fixture
def healthy(tmp_path):
    return tmp_path / "healthy"


@pytest.fixture
def module(monkeypatch, healthy):
    monkeypatch.setattr(FakeNursery, "made", [])
    monkeypatch.setattr(preload, "Nursery", FakeNursery)
    module = make_module()
    preload.replace_workers(module, healthy)
    return module


@pytest.fixture
def executor(module):
    executor = module.LocalExecutor()
    executor._spawn_workers_with_gc_freeze(3)
    return executor


def test_one_nursery_takes_the_place_of_all_workers(executor, module):
    (nursery,) = FakeNursery.made
    assert (nursery.count, nursery.events) == (3, ["start"])
    assert executor.workers == {nursery.pid: nursery}
    nursery.work()
    (taken,) = module.worked
    assert taken.pop("input")._queue is executor.activity_queue
    assert module.worked == [
        {
            "logger_name": "executor",
            "output": executor.result_queue,
            "unread_messages": "counter",
            "team_conf": "conf",
        }
    ]


def test_it_is_time_as_soon_as_the_start_is_over(executor, healthy):
    (nursery,) = FakeNursery.made
    assert not nursery.is_time()
    healthy.touch()
    assert nursery.is_time()


def test_it_is_time_as_soon_as_there_is_work(executor):
    (nursery,) = FakeNursery.made
    executor.activity_queue.put("task")
    assert nursery.is_time()


def test_it_is_time_when_patience_is_over(executor, monkeypatch):
    (nursery,) = FakeNursery.made
    later = preload.time.monotonic() + preload.PATIENCE_S + 1
    monkeypatch.setattr(preload.time, "monotonic", lambda: later)
    assert nursery.is_time()


def test_a_nursery_that_lives_is_left_alone(executor):
    executor._check_workers()
    assert len(FakeNursery.made) == 1
    assert executor.events == []


def test_a_nursery_that_died_is_replaced_by_a_full_one(executor):
    (first,) = FakeNursery.made
    first.alive = False
    executor._check_workers()
    first, second = FakeNursery.made
    assert first.events == ["start", "close"]
    assert executor.workers == {second.pid: second}
    assert second.count == executor.parallelism


def test_the_end_sends_each_worker_its_closing_message_and_waits(executor):
    executor.end()
    (nursery,) = FakeNursery.made
    assert executor.activity_queue == [None] * 3
    assert nursery.events[-1] == "close"
    assert "join" in nursery.events
    assert executor.events == ["results read"]
    assert executor.activity_queue.is_closed
    assert executor.result_queue.is_closed


def test_the_end_does_not_wait_for_a_nursery_without_workers(executor):
    (nursery,) = FakeNursery.made
    nursery.has_opened = False
    executor.activity_queue.put("task")
    executor.end()
    assert nursery.events == ["start", "kill", "join", "close"]
    assert executor.activity_queue == ["task"]


def test_where_workers_are_not_forked_all_is_as_it_was(module):
    executor = module.LocalExecutor(forks=False)
    executor._check_workers()
    executor.end()
    assert executor.events == ["stock check", "stock end"]
    assert FakeNursery.made == []


@pytest.mark.parametrize(("is_on", "method"), [(False, "fork"), (True, "spawn"), (True, "forkserver")])
def test_is_not_installed(monkeypatch, healthy, is_on, method):
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda: method)
    monkeypatch.setattr(preload, "replace_workers", lambda *_: pytest.fail("was installed"))
    preload.install(is_on, healthy)
