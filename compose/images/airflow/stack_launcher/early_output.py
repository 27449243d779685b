"""The launcher's own output while there is no loop yet: what it imports may have something to say."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stack_launcher.outputs import Output


@contextmanager
def named_lines(output: Output) -> Iterator[None]:
    """What this process writes meanwhile, to its standard output or error, goes out in lines that name it."""
    real, real_error = os.dup(1), os.dup(2)
    over, end = os.pipe()
    reader = threading.Thread(target=_pass_on, args=(output, real, over), name="early-output", daemon=True)
    os.dup2(output.writer, 1)
    os.dup2(output.writer, 2)
    reader.start()
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(real, 1)
        os.dup2(real_error, 2)
        os.close(end)
        reader.join()
        for fd in (real, real_error, over):
            os.close(fd)
        output.close()


def _pass_on(output: Output, real: int, over: int) -> None:
    """Until the other end of `over` is closed; somebody else may hold the output's for longer."""
    is_over = False
    while not is_over:
        ready = select.select([output.reader, over], [], [])[0]
        is_over = over in ready
        os.write(real, b"".join(output.read_last() if is_over else output.read()))
