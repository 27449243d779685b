"""A child's end in words, and whether the kernel ended it for want of memory."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

# Of control groups version 2 and 1.
EVENT_FILES = (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory/memory.oom_control"))
# The kernel counts a kill before the killed process has ended.
RECENT_S = 2.0


def describe_exit(status: int, was_out_of_memory: bool) -> str:
    """`status` is what waitpid gives."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        why = " (out of memory)" if was_out_of_memory and number == signal.SIGKILL else ""
        return f"killed by {signal.Signals(number).name}{why}"
    return f"exit code {os.waitstatus_to_exitcode(status)}"


def count_oom_kills(files: Sequence[Path] = EVENT_FILES) -> int:
    """How often the kernel killed a process of this container for its memory limit; 0 where it doesn't tell."""
    for path in files:
        try:
            words = path.read_text().split()
            return int(words[words.index("oom_kill") + 1])
        except (OSError, ValueError, IndexError):
            continue
    return 0


class OomWatch:
    """Remembers when the count last rose, so that an old kill isn't taken for the cause of a new death."""

    def __init__(self, count: Callable[[], int] = count_oom_kills) -> None:
        self._count = count
        self._seen = count()
        self._rose_at = float("-inf")

    def look(self, now: float) -> bool:
        """To be called every few seconds, and at a death; returns whether the count rose just now."""
        kills = self._count()
        if kills > self._seen:
            self._seen, self._rose_at = kills, now
        return now - self._rose_at <= RECENT_S
