"""One component as it is now: its process, how it is, and how it has fared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from stack_launcher.backoff import next_wait
from stack_launcher.components import Component
from stack_launcher.health import Beat, Facts, has_answered, is_beating
from stack_launcher.status import iso

State = Literal["starting", "healthy", "unhealthy", "restarting", "stopped"]
NEVER = float("inf")


@dataclass
class ComponentState:
    """All moments are seconds since 1970."""

    component: Component
    since: float
    state: State = "starting"
    pid: int | None = None
    forked_at: float = 0.0
    # The newest sign of life: of the API server an answer, of the others a job's heartbeat.
    answered_at: float | None = None
    beat: Beat | None = None
    restarts: int = 0
    last_exit: str | None = None
    memory_bytes: int = 0
    wait_s: float = 0.0
    restart_at: float = NEVER

    def forked(self, pid: int, now: float) -> None:
        self.pid, self.forked_at, self.restart_at = pid, now, NEVER
        self._become("starting", now)

    def ended(self, exit_words: str, now: float) -> None:
        """Its process is gone; another follows after a wait."""
        self.wait_s = next_wait(self.wait_s, now - self.since if self.state == "healthy" else 0.0)
        self.restart_at = now + self.wait_s
        self.restarts += 1
        self._forget_process(exit_words)
        self._become("restarting", now)

    def stopped(self, exit_words: str | None, now: float) -> None:
        """Its process is gone, and none will follow."""
        self._forget_process(exit_words)
        self.restart_at = NEVER
        self._become("stopped", now)

    def put_back(self, by_s: float) -> None:
        """Follows a clock that was put back. Heartbeats do so by themselves."""
        self.since -= by_s
        self.forked_at -= by_s
        self.restart_at -= by_s
        if self.answered_at is not None:
            self.answered_at -= by_s

    def observed(self, facts: Facts, excused_until: float) -> bool:
        """Takes note of what was seen; returns whether that changed its state."""
        if self.pid is None or facts.asked_at < self.forked_at:
            return False
        self.memory_bytes = facts.memory.get(self.pid, self.memory_bytes)
        if self._is_well(facts, excused_until):
            return self._become("healthy", facts.at)
        # One that has never been well since it was forked is still starting.
        return self.state == "healthy" and self._become("unhealthy", facts.at)

    def describe(self) -> dict[str, Any]:
        return {
            "name": self.component.name,
            "state": self.state,
            "pid": self.pid,
            "since": iso(self.since),
            "restarts": self.restarts,
            "last_exit": self.last_exit,
            "memory_bytes": self.memory_bytes,
            "heartbeat": None if self.beat is None else iso(self.beat.latest),
        }

    def _is_well(self, facts: Facts, excused_until: float) -> bool:
        if self.component.job_type is None:
            if facts.answers:
                self.answered_at = facts.at
            return has_answered(self.answered_at, facts.at, excused_until)
        if facts.beats is not None:
            self.beat = facts.beats.get(self.component.job_type)
        # When the database couldn't be asked, the last beat counts until it is too old.
        return is_beating(self.beat, self.forked_at, facts.at, excused_until)

    def _forget_process(self, exit_words: str | None) -> None:
        self.pid, self.memory_bytes, self.beat, self.answered_at = None, 0, None, None
        self.last_exit = exit_words or self.last_exit

    def _become(self, state: State, now: float) -> bool:
        if state == self.state:
            return False
        self.state, self.since = state, now
        return True
