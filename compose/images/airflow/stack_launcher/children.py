"""Forking a component, and what has to be different in the child."""

from __future__ import annotations

import argparse
import fcntl
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence

# Bursts of output must not hold a component up while its lines are being passed on.
PIPE_BYTES = 1024 * 1024


def fork_component(
    parser: argparse.ArgumentParser, command: Sequence[str], prepare: Callable[[], None] | None = None
) -> tuple[int, int]:
    """Runs `airflow <command>` in a child; returns its pid and the reading end of its output."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.close(writer)
        os.set_blocking(reader, False)
        return pid, reader
    os._exit(_run(parser, command, prepare, writer))


def _run(
    parser: argparse.ArgumentParser, command: Sequence[str], prepare: Callable[[], None] | None, writer: int
) -> int:
    try:
        _become_child(writer)
        gc.enable()
        _own_database_engine()
        if prepare is not None:
            prepare()
        args = parser.parse_args(list(command))
        args.func(args)
        return 0
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _become_child(writer: int) -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(writer, 1)
    os.dup2(writer, 2)
    os.closerange(3, 256)


def _own_database_engine() -> None:
    """Connections can't be shared by two processes; the parent's are left to it, unclosed."""
    from airflow import settings

    if settings.engine is not None:
        settings.engine.dispose(close=False)
    settings.configure_orm()
