"""Forking from the launcher, and what has to be different in the child."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable

from stack_launcher.linux import die_with_parent

# What the launcher handles itself, besides what it inherited.
HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


def fork(run: Callable[[], int | None], output: int, close: Callable[[], None]) -> int:
    """Runs `run` in a child that leads a session of its own and writes to `output`; returns the child's pid.

    `close` closes what only the launcher may hold. No thread may be running: a lock that it holds would stay locked
    in the child for ever.
    """
    if threading.active_count() > 1:
        raise RuntimeError(f"no fork beside running threads: {threading.enumerate()}")
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os._exit(_run_child(run, output, close, parent))
    return pid


def _run_child(run: Callable[[], int | None], output: int, close: Callable[[], None], parent: int) -> int:
    status = 1
    try:
        _become_child(output, close, parent)
        status = run() or 0
    except SystemExit as end:
        status = _exit_status(end)
    except BaseException:
        traceback.print_exc()
    return _finish(status)


def _become_child(output: int, close: Callable[[], None], parent: int) -> None:
    signal.set_wakeup_fd(-1)
    for number in HANDLED:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    die_with_parent(parent)
    os.dup2(output, 1)
    os.dup2(output, 2)
    close()
    gc.enable()


def _exit_status(end: SystemExit) -> int:
    """As the interpreter does it."""
    if end.code is None:
        return 0
    if isinstance(end.code, int):
        return end.code
    print(end.code, file=sys.stderr)
    return 1


def _finish(status: int) -> int:
    """What an interpreter does at its end, as far as it can be seen from outside."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
    return status & 0xFF
