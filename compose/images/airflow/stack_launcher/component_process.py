"""One component as it is now: its process, its output, and how it has fared."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

from stack_launcher.backoff import next_wait
from stack_launcher.components import Component
from stack_launcher.lines import LineSplitter


@dataclass
class ComponentProcess:
    component: Component
    splitter: LineSplitter
    pid: int | None = None
    output: int | None = None
    state: str = "starting"
    since: float = field(default_factory=time.time)
    started: float = 0.0
    restarts: int = 0
    last_exit: str | None = None
    memory_bytes: int = 0
    heartbeat: float | None = None
    wait_s: float = 0.0
    restart_at: float = 0.0

    def begin(self, pid: int, output: int, now: float) -> None:
        self.pid, self.output, self.started = pid, output, now
        self.set_state("starting", now)

    def end(self, exit_words: str, now: float, is_stopping: bool) -> None:
        """Its process has ended; unless all is being stopped, it will be started again after a wait."""
        self.pid = None
        self.last_exit = exit_words
        self.heartbeat = None
        if is_stopping:
            self.set_state("stopped", now)
            return
        self.wait_s = next_wait(self.wait_s, now - self.started)
        self.restart_at = now + self.wait_s
        self.restarts += 1
        self.set_state("restarting", now)

    def set_state(self, state: str, now: float) -> bool:
        """Returns whether that is news."""
        if state == self.state:
            return False
        self.state, self.since = state, now
        return True

    def read_output(self) -> bytes:
        """Whole lines that have come since; empty when there is nothing yet. Closes the pipe at its end."""
        if self.output is None:
            return b""
        try:
            chunk = os.read(self.output, 65_536)
        except BlockingIOError:
            return b""
        if chunk:
            return self.splitter.feed(chunk)
        os.close(self.output)
        self.output = None
        return self.splitter.flush()
