import logging
import queue
import selectors
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest
from stack_launcher.deviations import watch
from stack_launcher.deviations.watch import watch_bundles

LONG_S = 10.0
SHORT_S = 0.2


class LocalBundle:
    def __init__(self, name, path):
        self.name = name
        self.path = path


class GitBundle(LocalBundle):
    pass


class OtherBundle:
    name = "other"
    path = Path("/")


def new_manager_class(*bundles):
    class Manager:
        """What of Airflow's manager has to do with bundles, and with waiting."""

        log = logging.getLogger("manager")

        def __init__(self):
            self.requested = []

        def after_run(self):
            self.has_ended = True

        def before_run(self):
            self.selector = selectors.DefaultSelector()
            self._dag_bundles = bundles

        def request_bundle_refresh(self, names):
            self.requested.append(list(names))

        def wait(self, timeout):
            """As Airflow's does; returns how long it took."""
            started = time.monotonic()
            for key, _ in self.selector.select(timeout):
                handle, close = key.data
                if not handle(key.fileobj):
                    close(key.fileobj)
            return time.monotonic() - started

    return Manager


class Changes(queue.SimpleQueue):
    """What is put here happens to the files: True for a change, an error for the end of watching."""

    paths = None

    def watch(self, *paths, stop_event, **_settings):
        self.paths = paths
        while not stop_event.is_set():
            try:
                change = self.get(timeout=0.05)
            except queue.Empty:
                continue
            if isinstance(change, Exception):
                raise change
            yield {change}


@pytest.fixture
def changes():
    return Changes()


@pytest.fixture
def begin():
    managers = []

    def begin(watch, *bundles):
        manager_class = new_manager_class(*bundles)
        watch_bundles(manager_class, LocalBundle, watch)
        manager = manager_class()
        manager.before_run()
        managers.append(manager)
        return manager

    yield begin
    for manager in managers:
        manager.after_run()


def test_a_change_ends_the_wait_and_has_the_bundles_looked_at(begin, changes, tmp_path):
    manager = begin(changes.watch, LocalBundle("dags-folder", tmp_path), GitBundle("git", tmp_path))
    changes.put(True)
    assert manager.wait(LONG_S) < LONG_S / 2
    assert manager.requested == [["dags-folder", "git"]]


def test_a_wait_without_a_change_is_as_long_as_ever(begin, changes, tmp_path):
    manager = begin(changes.watch, LocalBundle("dags-folder", tmp_path))
    assert manager.wait(SHORT_S) >= SHORT_S
    assert manager.requested == []


def test_every_change_counts_and_none_twice(begin, changes, tmp_path):
    manager = begin(changes.watch, LocalBundle("dags-folder", tmp_path))
    for _ in range(2):
        changes.put(True)
        assert manager.wait(LONG_S) < LONG_S / 2
    assert manager.wait(SHORT_S) >= SHORT_S
    assert len(manager.requested) == 2


def test_changes_without_a_pause_end_a_wait_now_and_then(begin, changes, tmp_path):
    manager = begin(changes.watch, LocalBundle("dags-folder", tmp_path))
    for _ in range(100):
        changes.put(True)
    until = time.monotonic() + 3 * watch.REST_S
    while time.monotonic() < until:
        manager.wait(SHORT_S)
    assert 2 <= len(manager.requested) <= 4


def test_watches_only_folders_of_this_machine_that_are_there(begin, changes, tmp_path):
    begin(changes.watch, LocalBundle("one", tmp_path), LocalBundle("gone", tmp_path / "gone"), OtherBundle())
    changes.put(True)
    until = time.monotonic() + LONG_S
    while changes.paths is None and time.monotonic() < until:
        time.sleep(0.01)
    assert changes.paths == (tmp_path,)


def test_leaves_a_manager_without_such_folders_alone(begin, changes):
    assert not begin(changes.watch, OtherBundle()).selector.get_map()


def test_says_once_that_it_can_not_watch_and_goes_on_without(begin, changes, tmp_path, caplog):
    manager = begin(changes.watch, LocalBundle("dags-folder", tmp_path))
    changes.put(OSError("OS file watch limit reached"))
    assert manager.wait(SHORT_S) >= SHORT_S
    assert [record.getMessage() for record in caplog.records] == [
        "DAG files are looked at once a second, not when they are saved: OS file watch limit reached"
    ]


def watchers():
    return [thread for thread in threading.enumerate() if thread.name == "watch"]


def test_ends_with_the_manager(begin, changes, tmp_path):
    manager = begin(changes.watch, LocalBundle("dags-folder", tmp_path))
    assert len(watchers()) == 1
    manager.after_run()
    assert watchers() == []
    assert manager.has_ended


@pytest.mark.parametrize("is_on", [True, False])
def test_is_installed_when_on(monkeypatch, is_on):
    made = new_manager_class()
    stock = made.before_run
    for name, members in {
        "airflow": {},
        "airflow.dag_processing": {},
        "airflow.dag_processing.manager": {"DagFileProcessorManager": made},
        "airflow.dag_processing.bundles": {},
        "airflow.dag_processing.bundles.local": {"LocalDagBundle": LocalBundle},
        "watchfiles": {"watch": None},
    }.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    watch.install(is_on)
    assert (made.before_run is not stock) is is_on


@pytest.mark.image
def test_a_saved_file_is_noticed(begin, tmp_path):
    from watchfiles import watch as stock

    manager = begin(stock, LocalBundle("dags-folder", tmp_path))
    (tmp_path / "team").mkdir()
    deadline = time.monotonic() + LONG_S
    while not manager.requested and time.monotonic() < deadline:
        # Watching begins some time after the start.
        (tmp_path / "team" / "new.py").write_text("# a DAG")
        manager.wait(SHORT_S)
    assert manager.requested[0] == ["dags-folder"]


@pytest.mark.image
def test_what_python_leaves_beside_a_file_is_not(begin, tmp_path):
    from watchfiles import watch as stock

    manager = begin(stock, LocalBundle("dags-folder", tmp_path))
    time.sleep(1)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "new.cpython-313.pyc").write_bytes(b"")
    assert manager.wait(1) >= 1


@pytest.mark.image
def test_airflows_manager_is_as_it_is_taken_to_be():
    from airflow.dag_processing.manager import DagFileProcessorManager

    assert {"before_run", "after_run"} <= set(DagFileProcessorManager.run.__code__.co_names)
    assert "_dag_bundles" in DagFileProcessorManager.load_dag_bundles.__code__.co_names
    assert {"selector", "select", "data"} <= set(DagFileProcessorManager._service_processor_sockets.__code__.co_names)
    assert callable(DagFileProcessorManager.request_bundle_refresh)
