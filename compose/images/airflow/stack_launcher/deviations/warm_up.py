"""Asks the execution API for its health as soon as it answers, because its first request builds its routes for two
seconds, which the first task would have to wait for otherwise.

Switch: WARM_UP.
"""

from __future__ import annotations

import threading
import time
import urllib.request

PATHS = ("/execution/health", "/api/v2/monitor/health")
PATIENCE_S = 60.0


def install(is_on: bool, port: int) -> None:
    """In the API server's process, beside its start."""
    if is_on:
        threading.Thread(target=_ask, args=(port,), name="warm-up", daemon=True).start()


def _ask(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    # The way to oneself is through no proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for path in PATHS:
        while time.monotonic() < deadline:
            try:
                opener.open(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE_S).close()
                break
            except OSError:
                time.sleep(0.1)
