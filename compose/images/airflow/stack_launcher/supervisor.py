"""What to do about deaths, facts and the passing of time. It decides; what it decides is done by its `hands`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from stack_launcher.component_state import ComponentState
from stack_launcher.components import COMPONENTS, Component
from stack_launcher.exits import describe_exit
from stack_launcher.health import Facts
from stack_launcher.status import Timeline, iso
from stack_launcher.stopping import Stop, StopHands

STARTING_EVERY_S = 0.1
HEALTHY_EVERY_S = 5.0
STOPPING_EVERY_S = 0.05
# Adding up memory walks the page tables of every process.
MEMORY_EVERY_S = 15.0
# A loop that was held up this long was frozen, and so were the components: their silence is excused.
FROZEN_AFTER_S = 12.0


class SupervisorHands(StopHands, Protocol):
    def fork(self, name: str, run: Callable[[], None]) -> int:
        """Returns the pid."""

    def clear_away(self, pid: int) -> None:
        """Ends what a component's dead process left."""

    def ask(self, roots: Sequence[int]) -> None:
        """Has facts found out, with the memory that the components of these pids use."""

    def was_out_of_memory(self, now: float) -> bool: ...

    def show(self, is_healthy: bool, document: dict[str, Any]) -> None: ...


class Supervisor:
    """A director of the loop."""

    def __init__(
        self,
        hands: SupervisorHands,
        run: Callable[[Component], None],
        timeline: Timeline,
        stop_limit_s: float,
        now: float,
    ) -> None:
        """`run` is what a component does in its own process."""
        self._hands = hands
        self._run = run
        self._timeline = timeline
        self._stop_limit_s = stop_limit_s
        self._stop: Stop | None = None
        self._ask_at = now
        self._measure_at = now
        self._seen_at = now
        self._excused_until = 0.0
        self.result: int | None = None
        self.states = [ComponentState(component, since=now) for component in COMPONENTS]
        for state in self.states:
            self._fork(state, now)
        self._timeline.add("fork", now, self.states[-1].forked_at)
        self._show()

    @property
    def is_healthy(self) -> bool:
        return self._stop is None and all(one.state == "healthy" for one in self.states)

    def next_due(self) -> float:
        if self._stop is not None:
            return self._seen_at + STOPPING_EVERY_S
        return min(self._ask_at, *(state.restart_at for state in self.states))

    def tick(self, now: float) -> None:
        self._follow_clock(now)
        if now - self._seen_at > FROZEN_AFTER_S:
            self._excused_until = now
            self._show()
        self._seen_at = now
        if self._stop is not None:
            if self._stop.advance(now):
                self.result = 0 if self._stop.is_clean else 1
            return
        for state in self.states:
            if now >= state.restart_at:
                self._fork(state, now)
                self._ask_at = now
                self._show()
        if now >= self._ask_at:
            self._ask(now)

    def ended(self, pid: int, status: int, now: float) -> None:
        self._follow_clock(now)
        state = next((one for one in self.states if one.pid == pid), None)
        if state is None:
            return
        words = describe_exit(status, self._hands.was_out_of_memory(now))
        self._hands.clear_away(pid)
        if self._stop is not None:
            state.stopped(words, now)
        else:
            state.ended(words, now)
            self._hands.say(f"{state.component.name} ended: {words}; next start in {state.wait_s:g} s")
        self._show()

    def observed(self, facts: Facts) -> None:
        if self._stop is not None:
            return
        for state in self.states:
            if state.observed(facts, self._excused_until):
                self._note_change(state)
        self._show()

    def begin_stop(self, now: float) -> None:
        self._follow_clock(now)
        if self._stop is not None:
            return
        for state in self.states:
            if state.pid is None:
                state.stopped(None, now)
        self._stop = Stop(self._hands, self.states, now, self._stop_limit_s)
        self._show()

    def _follow_clock(self, now: float) -> None:
        """When it was put back: else nothing would come due, or be believed, until it is where it was."""
        by_s = self._seen_at - now
        if by_s <= 0:
            return
        self._seen_at = now
        self._ask_at -= by_s
        self._measure_at -= by_s
        self._excused_until -= by_s
        for state in self.states:
            state.put_back(by_s)
        if self._stop is not None:
            self._stop.put_back(by_s)

    def _fork(self, state: ComponentState, now: float) -> None:
        component = state.component
        state.forked(self._hands.fork(component.name, lambda: self._run(component)), now)

    def _ask(self, now: float) -> None:
        roots: list[int] = []
        if self.is_healthy and now >= self._measure_at:
            roots = [state.pid for state in self.states if state.pid is not None]
            self._measure_at = now + MEMORY_EVERY_S
        self._hands.ask(roots)
        self._ask_at = now + (HEALTHY_EVERY_S if self.is_healthy else STARTING_EVERY_S)

    def _note_change(self, state: ComponentState) -> None:
        name = state.component.name
        if state.state == "unhealthy":
            sign = "does not answer" if state.component.job_type is None else "has shown no heartbeat lately"
            self._hands.say(f"{name} {sign}")
        elif all(name != part["name"] for part in self._timeline.parts):
            self._timeline.add(name, state.forked_at, state.since)
        else:
            self._hands.say(f"{name} is well again")

    def _show(self) -> None:
        self._hands.show(
            self.is_healthy,
            {
                "started_at": iso(self._timeline.started_at),
                "components": [state.describe() for state in self.states],
                "timeline": self._timeline.parts,
            },
        )
