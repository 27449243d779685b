"""Memory of a component with all its children, where pages that several processes share count in parts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping


def parents() -> dict[int, int]:
    """The parent of each process of the container."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    # The name, in brackets, may hold anything; the parent is the second field after it.
                    found[int(name)] = int(file.read().rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
    return found


def descendants(root: int, parent_of: Mapping[int, int]) -> set[int]:
    """`root` and all processes below it."""
    tree = {root}
    while True:
        more = {pid for pid, parent in parent_of.items() if parent in tree} - tree
        if not more:
            return tree
        tree |= more


def proportional_bytes(pids: Iterable[int]) -> int:
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
        except (OSError, StopIteration, ValueError):
            continue
    return total
