"""How much memory a component uses: the sum of what its processes have alone, and of their parts in what they share."""

from __future__ import annotations

from collections.abc import Iterable

PAGE = 4096


class MemoryMeter:
    """Adds up proportional set sizes.

    Airflow forbids others to look into processes that have run a task, also those of the same user. For such a
    process the last size it showed is used, plus what it has grown by since; for one that never showed any, what it
    has beyond the process it was forked from can't be told from what it shares, and nothing is added.
    """

    def __init__(self, proc: str = "/proc") -> None:
        self._proc = proc
        self._known: dict[int, tuple[int, int]] = {}

    def measure(self, pids: Iterable[int]) -> int:
        """Bytes."""
        return sum(self._size(pid) for pid in pids)

    def forget_all_but(self, pids: Iterable[int]) -> None:
        alive = set(pids)
        self._known = {pid: sizes for pid, sizes in self._known.items() if pid in alive}

    def _size(self, pid: int) -> int:
        try:
            resident = self._resident(pid)
            proportional = self._proportional(pid)
        except PermissionError:
            then_proportional, then_resident = self._known.get(pid, (0, resident))
            return max(0, then_proportional + resident - then_resident)
        except (OSError, ValueError, IndexError):
            return 0
        self._known[pid] = (proportional, resident)
        return proportional

    def _resident(self, pid: int) -> int:
        with open(f"{self._proc}/{pid}/statm") as file:
            return int(file.read().split()[1]) * PAGE

    def _proportional(self, pid: int) -> int:
        with open(f"{self._proc}/{pid}/smaps_rollup") as file:
            words = file.read().split()
        return int(words[words.index("Pss:") + 1]) * 1024
