"""Looks at DAG files as soon as they are saved, because Airflow's own look comes once a second, and a look more often
would cost more while nothing changes.

What is looked at, and how, is Airflow's own, and its look each second goes on: not every file system tells of changes.
Switch: WATCH.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

# So that a program which writes there all the time costs a few looks a second, not one after the other.
REST_S = 0.5
# A file is saved when it has been left alone for so long.
SETTLED_MS = 50
LONGEST_MS = 500

# Blocks until something changes in one of the folders, over and over.
Watch = Callable[..., Iterable[object]]


def install(is_on: bool) -> None:
    """In the DAG processor's process."""
    if is_on:
        from airflow.dag_processing import manager
        from airflow.dag_processing.bundles.local import LocalDagBundle
        from watchfiles import watch

        watch_bundles(manager.DagFileProcessorManager, LocalDagBundle, watch)


def watch_bundles(manager_class: Any, local: type, watch: Watch) -> None:
    """`manager_class` is Airflow's, whose bundles of the class `local` are folders of this machine."""
    stock = manager_class.before_run

    def before_run(manager: Any) -> None:
        stock(manager)
        bundles = [one for one in manager._dag_bundles if isinstance(one, local) and one.path.is_dir()]
        if bundles:
            _begin(manager, bundles, watch)

    manager_class.before_run = before_run


def _begin(manager: Any, bundles: list[Any], watch: Watch) -> None:
    names = [bundle.name for bundle in bundles]
    told, tell = socket.socketpair()

    def take_notice(_: socket.socket) -> bool:
        told.recv(4096)
        manager.request_bundle_refresh(names)
        return True

    def notice() -> None:
        try:
            for _ in watch(*(bundle.path for bundle in bundles), step=SETTLED_MS, debounce=LONGEST_MS):
                tell.send(b"!")
                time.sleep(REST_S)
        except (OSError, RuntimeError) as error:
            manager.log.warning("DAG files are looked at once a second, not when they are saved: %s", error)

    # The manager waits for its children at this selector, and calls what is registered there.
    manager.selector.register(told, selectors.EVENT_READ, (take_notice, lambda _: None))
    threading.Thread(target=notice, name="watch", daemon=True).start()
