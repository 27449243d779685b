"""Which processes belong to which component."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    group: int
    session: int


def read_processes(proc: str = "/proc") -> dict[int, Process]:
    """All processes of the container."""
    found = {}
    for name in os.listdir(proc):
        if name.isdigit():
            try:
                with open(f"{proc}/{name}/stat") as file:
                    found[int(name)] = parse_stat(file.read())
            except (OSError, IndexError, ValueError):
                # It has ended meanwhile.
                continue
    return found


def parse_stat(text: str) -> Process:
    # The name, in brackets, may hold anything, brackets included.
    head, _, tail = text.rpartition(")")
    _state, parent, group, session = tail.split()[:4]
    return Process(int(head.split()[0]), int(parent), int(group), int(session))


def members(root: int, processes: Mapping[int, Process]) -> set[int]:
    """The processes of the component whose first process is, or was, `root`.

    Each component leads a session, which its processes keep when their parents die; what they start in sessions
    of their own, as BashOperator does, is found below them.
    """
    tree = {pid for pid, one in processes.items() if one.session == root or pid == root}
    while True:
        more = {pid for pid, one in processes.items() if one.parent in tree} - tree
        if not more:
            return tree
        tree |= more


def task_processes(scheduler: int, processes: Mapping[int, Process]) -> set[int]:
    """The processes that run users' code: each leads a group of its own, which workers do not."""
    return {pid for pid, one in processes.items() if one.session == scheduler and one.group == pid and pid != scheduler}


def kill_members(root: int) -> int:
    """Ends what a dead component left; returns how many processes that were."""
    doomed = members(root, read_processes()) - {root}
    send(doomed, signal.SIGKILL)
    return len(doomed)


def send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
