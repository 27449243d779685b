"""Looks at DAG files as soon as they are saved, because Airflow's own look comes once a second, and a look more often
would cost more while nothing changes.

What is looked at, and how, is Airflow's own, and its look each second goes on: not every file system tells of changes.
Switch: WATCH.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

# So that a program which writes there all the time costs a few looks a second, not one after the other.
REST_S = 0.5
# A file is saved when it has been left alone for so long.
SETTLED_MS = 50
LONGEST_MS = 500
ENDS_WITHIN_S = 2.0

# Blocks until something changes in one of the folders, over and over.
Watch = Callable[..., Iterable[object]]


def install(is_on: bool) -> None:
    """In the DAG processor's process."""
    if is_on:
        from airflow.dag_processing import manager
        from airflow.dag_processing.bundles.local import LocalDagBundle
        from watchfiles import watch

        watch_bundles(manager.DagFileProcessorManager, LocalDagBundle, watch)


def watch_bundles(manager_class: Any, local: Any, watch: Watch) -> None:
    """`manager_class` is Airflow's, whose bundles of the class `local` are folders of this machine."""
    stock_before, stock_after = manager_class.before_run, manager_class.after_run
    ends: list[Callable[[], None]] = []

    def before_run(manager: Any) -> None:
        stock_before(manager)
        bundles = [one for one in manager._dag_bundles if isinstance(one, local) and one.path.is_dir()]
        if bundles:
            ends.append(_begin(manager, bundles, watch))

    def after_run(manager: Any) -> None:
        while ends:
            ends.pop()()
        stock_after(manager)

    manager_class.before_run, manager_class.after_run = before_run, after_run


def _begin(manager: Any, bundles: list[Any], watch: Watch) -> Callable[[], None]:
    """Returns what ends it: a process must not end while a thread of it waits outside of Python."""
    names = [bundle.name for bundle in bundles]
    told, tell = socket.socketpair()
    stop = threading.Event()

    def take_notice(_: socket.socket) -> bool:
        told.recv(4096)
        manager.request_bundle_refresh(names)
        return True

    def notice() -> None:
        folders = [bundle.path for bundle in bundles]
        try:
            for _ in watch(*folders, step=SETTLED_MS, debounce=LONGEST_MS, stop_event=stop):
                tell.send(b"!")
                stop.wait(REST_S)
        except (OSError, RuntimeError) as error:
            manager.log.warning("DAG files are looked at once a second, not when they are saved: %s", error)

    def end() -> None:
        stop.set()
        thread.join(ENDS_WITHIN_S)

    # The manager waits for its children at this selector, and calls what is registered there.
    manager.selector.register(told, selectors.EVENT_READ, (take_notice, lambda _: None))
    thread = threading.Thread(target=notice, name="watch", daemon=True)
    thread.start()
    return end
