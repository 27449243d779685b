"""Asks the execution API for its health as soon as it can, because its first request builds its routes for two
seconds, which the first task would have to wait for otherwise."""

from __future__ import annotations

import threading
import time
import urllib.request

from stack_launcher.deviations import is_on

URLS = ("http://127.0.0.1:8080/execution/health", "http://127.0.0.1:8080/api/v2/monitor/health")
PATIENCE_S = 60.0


def install() -> None:
    """In the API server's process, beside its start."""
    if is_on("WARM_UP"):
        threading.Thread(target=_ask, name="warm-up", daemon=True).start()


def _ask() -> None:
    deadline = time.monotonic() + PATIENCE_S
    for url in URLS:
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(url, timeout=PATIENCE_S).close()
                break
            except OSError:
                time.sleep(0.1)
