"""Whether a component is well: the API server answers, and each of the others has beaten lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Components beat every five seconds; Airflow itself calls one that has been silent this long dead.
SILENT_AFTER_S = 30.0
# An API server that is busy answers late; one that misses this many seconds is not well.
UNANSWERED_AFTER_S = 15.0


@dataclass(frozen=True)
class Beat:
    """Of one job: when it began and when it last showed itself, in seconds since 1970."""

    began: float
    latest: float


@dataclass(frozen=True)
class Facts:
    """What an observation found that began at `asked_at` and ended at `at`.

    `beats` is None when the database couldn't be asked.
    """

    asked_at: float
    at: float
    answers: bool
    beats: Mapping[str, Beat] | None
    memory: Mapping[int, int]


def is_beating(beat: Beat | None, forked_at: float, now: float, excused_until: float) -> bool:
    """A job that began before its process was forked is another's; silence until `excused_until` is no fault."""
    if beat is None or beat.began < forked_at:
        return False
    return now - max(beat.latest, excused_until) < SILENT_AFTER_S


def has_answered(answered_at: float | None, now: float, excused_until: float) -> bool:
    return answered_at is not None and now - max(answered_at, excused_until) < UNANSWERED_AFTER_S
