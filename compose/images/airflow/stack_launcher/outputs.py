"""The pipes through which components write, and what has come through them."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass

from stack_launcher.lines import LineSplitter

# A burst of output must not hold a component up while its lines are being passed on.
PIPE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Output:
    """One pipe for all processes that a component has in turn.

    The launcher keeps both ends, so that what a dying process wrote last can still be read, and so that a process
    that outlives its component has somewhere to write to.
    """

    reader: int
    writer: int
    splitter: LineSplitter

    def read(self) -> list[bytes]:
        """The whole lines that have come since."""
        lines: list[bytes] = []
        while True:
            try:
                chunk = os.read(self.reader, 65_536)
            except BlockingIOError:
                return lines
            lines += self.splitter.feed(chunk)
            if len(chunk) < 65_536:
                return lines

    def read_last(self) -> list[bytes]:
        """After the death of its process: all there is, the unfinished line included."""
        return self.read() + self.splitter.flush()

    def close(self) -> None:
        os.close(self.reader)
        os.close(self.writer)


def open_output(name: str, width: int) -> Output:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    try:
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except OSError:
        # More than an unprivileged user may have here; the usual 64 KiB do as well.
        pass
    return Output(reader, writer, LineSplitter(name, width))
