"""A child's end in words."""

from __future__ import annotations

import os
import signal


def describe_exit(status: int, was_out_of_memory: bool) -> str:
    """`status` is what waitpid gives."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        why = " (out of memory)" if was_out_of_memory and number == signal.SIGKILL else ""
        return f"killed by {signal.Signals(number).name}{why}"
    return f"exit code {os.waitstatus_to_exitcode(status)}"


_MEMORY_EVENTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def count_oom_kills() -> int:
    """How often the kernel killed a process of this container for its memory limit, as far as it tells."""
    for path in _MEMORY_EVENTS:
        try:
            with open(path) as file:
                for line in file:
                    name, _, value = line.partition(" ")
                    if name == "oom_kill":
                        return int(value)
        except (OSError, ValueError):
            continue
    return 0
