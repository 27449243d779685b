"""How long a component that died waits for its next start."""

from __future__ import annotations

FIRST_S = 0.5
LONGEST_S = 30.0
# A component that was well for this long starts over with the shortest wait.
WELL_AFTER_S = 60.0


def next_wait(previous_s: float, healthy_s: float) -> float:
    """Twice the previous wait, within limits; `previous_s` is 0 before the first."""
    if previous_s == 0 or healthy_s >= WELL_AFTER_S:
        return FIRST_S
    return min(LONGEST_S, previous_s * 2)
