import os
import sys
import time
import uuid
from types import ModuleType

import pytest
from stack_launcher.deviations import child_ends
from stack_launcher.deviations.child_ends import LOOK_AGAIN_S, look_again

# As long as a supervisor may wait for a sign of its child; Airflow's own wait five seconds and more.
PATIENCE_S = 1.5
ENDS_AFTER_S = 0.2


class Supervisor:
    """Remembers how long it was to wait."""

    def __init__(self, sockets):
        self._open_sockets = sockets
        self.waits = []

    def _service_subprocess(self, max_wait_time, raise_on_timeout=False, expect_signal=None):
        self.waits.append((max_wait_time, raise_on_timeout, expect_signal))
        return 3


@pytest.fixture
def supervisor_class():
    class Own(Supervisor):
        pass

    look_again(Own)
    return Own


def test_waits_as_ever_while_a_pipe_is_open(supervisor_class):
    supervisor = supervisor_class({"stdout": 1})
    assert supervisor._service_subprocess(5.0) == 3
    assert supervisor._service_subprocess(max_wait_time=7.0, raise_on_timeout=True, expect_signal=15) == 3
    assert supervisor.waits == [(5.0, False, None), (7.0, True, 15)]


def test_looks_again_soon_when_all_are_closed(supervisor_class):
    supervisor = supervisor_class({})
    assert supervisor._service_subprocess(5.0, expect_signal=2) == 3
    assert supervisor._service_subprocess(max_wait_time=0) == 3
    assert supervisor.waits == [(LOOK_AGAIN_S, False, 2), (0, False, None)]


@pytest.mark.parametrize(("is_on", "patched"), [(True, True), (False, False)])
def test_is_installed_when_on(monkeypatch, is_on, patched):
    module = ModuleType("airflow.sdk.execution_time.supervisor")

    class Watched(Supervisor):
        pass

    module.WatchedSubprocess = Watched
    parent = ModuleType("airflow.sdk.execution_time")
    parent.supervisor = module
    for name in ("airflow", "airflow.sdk"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "airflow.sdk.execution_time", parent)
    monkeypatch.setitem(sys.modules, "airflow.sdk.execution_time.supervisor", module)
    child_ends.install(is_on)
    assert ("_service_subprocess" in vars(Watched)) is patched


def close_pipes_then(end):
    def target():
        os.closerange(0, 1024)
        time.sleep(ENDS_AFTER_S)
        end()

    return target


def watch(supervisor_class, end):
    """Returns what became of a child, and after how long."""
    child = supervisor_class.start(id=uuid.uuid4(), target=close_pipes_then(end))
    began = time.monotonic()
    while child._service_subprocess(PATIENCE_S) is None:
        pass
    took_s = time.monotonic() - began
    child.selector.close()
    return int(child._exit_code), took_s


@pytest.fixture
def stock_class():
    from airflow.sdk.execution_time import supervisor

    class Stock(supervisor.WatchedSubprocess):
        pass

    return Stock


@pytest.mark.image
@pytest.mark.parametrize(
    ("end", "expected"),
    [(lambda: os._exit(0), 0), (lambda: os._exit(3), 3), (lambda: os.kill(os.getpid(), 9), -9)],
    ids=["well", "badly", "killed"],
)
def test_the_end_is_the_same_but_noticed_sooner(stock_class, end, expected):
    class Ours(stock_class):
        pass

    look_again(Ours)
    status, took_s = watch(stock_class, end)
    assert (status, took_s > PATIENCE_S) == (expected, True)
    status, took_s = watch(Ours, end)
    assert (status, took_s < ENDS_AFTER_S + 0.5) == (expected, True)
    assert took_s > ENDS_AFTER_S * 0.9


@pytest.mark.image
def test_all_of_airflows_supervisors_are_reached():
    from airflow.dag_processing.processor import DagFileProcessorProcess
    from airflow.jobs.triggerer_job_runner import TriggerRunnerSupervisor
    from airflow.sdk.execution_time import supervisor

    stock = supervisor.WatchedSubprocess._service_subprocess
    try:
        child_ends.install(True)
        assert supervisor.WatchedSubprocess._service_subprocess is not stock
        for one in (DagFileProcessorProcess, TriggerRunnerSupervisor, supervisor.ActivitySubprocess):
            assert one._service_subprocess is supervisor.WatchedSubprocess._service_subprocess
    finally:
        supervisor.WatchedSubprocess._service_subprocess = stock
