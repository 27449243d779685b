"""The launcher's loop: output, deaths, restarts, health, and the end."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Sequence

from stack_launcher import status
from stack_launcher.component_process import ComponentProcess
from stack_launcher.components import COMPONENTS, Component
from stack_launcher.database import HeartbeatReader
from stack_launcher.exits import count_oom_kills, describe_exit
from stack_launcher.health import api_answers, beats_well
from stack_launcher.lines import LineSplitter
from stack_launcher.memory import descendants, parents, proportional_bytes
from stack_launcher.stopping import Stop

Start = Callable[[Component], tuple[int, int]]

STARTING_EVERY_S = 0.1
HEALTHY_EVERY_S = 5.0
# Adding up memory walks the page tables of every process.
MEMORY_EVERY_S = 60.0
# A loop that was held up this long was frozen, and so were the components: their silence is excused.
FROZEN_AFTER_S = 12.0


class Supervisor:
    def __init__(self, start: Start, timeline: status.Timeline) -> None:
        self._start = start
        self._timeline = timeline
        width = max(len(component.name) for component in COMPONENTS)
        self.processes = [ComponentProcess(one, LineSplitter(one.name, width)) for one in COMPONENTS]
        self._heartbeats = HeartbeatReader()
        self._stop: Stop | None = None
        self._next_health = 0.0
        self._next_memory = 0.0
        self._excused_until = 0.0
        self._last_loop = time.time()
        self._oom_kills = count_oom_kills()

    def run(self) -> int:
        """Until all components have been stopped; returns the exit status."""
        wake = self._wake_on_signals()
        now = time.time()
        for process in self.processes:
            process.begin(*self._start(process.component), now)
        while True:
            self._wait(wake)
            now = time.time()
            if now - self._last_loop > FROZEN_AFTER_S:
                self._excused_until = now
            self._last_loop = now
            self._reap(now)
            if self._stop is not None:
                if self._stop.advance(now):
                    self._drain()
                    return 0
                continue
            self._restart_due(now)
            if now >= self._next_health:
                self._check_health(now)

    def _wake_on_signals(self) -> int:
        """Signals become readable bytes, so that one `select` waits for everything."""
        reader, writer = os.pipe()
        for end in (reader, writer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._begin_stop)
        return reader

    def _begin_stop(self, *_: object) -> None:
        if self._stop is None:
            status.set_healthy(False)
            limit_s = float(os.environ.get("STACK_STOP_LIMIT", "8"))
            self._stop = Stop(self.processes, time.time(), limit_s)

    def _wait(self, wake: int) -> None:
        outputs = {one.output: one for one in self.processes if one.output is not None}
        readable, _, _ = select.select([wake, *outputs], [], [], self._patience())
        if wake in readable:
            os.read(wake, 4096)
        self._pass_on([outputs[fd] for fd in readable if fd in outputs])

    def _patience(self) -> float:
        if self._stop is not None:
            return 0.05
        due = [self._next_health, *(one.restart_at for one in self.processes if one.state == "restarting")]
        return max(0.01, min(due) - time.time())

    def _pass_on(self, processes: Sequence[ComponentProcess]) -> None:
        for process in processes:
            lines = process.read_output()
            while lines:
                lines = lines[os.write(1, lines) :]

    def _drain(self) -> None:
        """The last words of components that have ended."""
        for process in self.processes:
            for _ in range(64):
                self._pass_on([process])
                if process.output is None:
                    break

    def _reap(self, now: float) -> None:
        while True:
            try:
                pid, exit_status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            process = next((one for one in self.processes if one.pid == pid), None)
            if process is None:
                # An orphan of a component that died, handed to us.
                continue
            kills = count_oom_kills()
            process.end(describe_exit(exit_status, kills > self._oom_kills), now, self._stop is not None)
            self._oom_kills = kills
            self._pass_on([process])
            if self._stop is None:
                status.set_healthy(False)
                print(
                    f"launcher: {process.component.name} ended ({process.last_exit}), next start in {process.wait_s} s",
                    flush=True,
                )
                self._write_status(now)

    def _restart_due(self, now: float) -> None:
        for process in self.processes:
            if process.state == "restarting" and now >= process.restart_at:
                self._heartbeats.close()
                if process.output is not None:
                    os.close(process.output)
                process.begin(*self._start(process.component), now)
                self._next_health = now

    def _check_health(self, now: float) -> None:
        beats = self._heartbeats.read()
        for process in self.processes:
            if process.pid is None:
                continue
            job_type = process.component.job_type
            if job_type is None:
                is_well = api_answers()
            else:
                beat = beats.get(job_type)
                is_well = beats_well(beat, process.started, now, self._excused_until)
                process.heartbeat = beat.latest if is_well and beat else None
            was_starting = process.state == "starting"
            if is_well and process.set_state("healthy", now) and process.restarts == 0:
                self._timeline.add(process.component.name, process.started, now)
            elif not is_well and not was_starting:
                process.set_state("unhealthy", now)
        all_well = all(one.state == "healthy" for one in self.processes)
        status.set_healthy(all_well)
        self._next_health = now + (HEALTHY_EVERY_S if all_well else STARTING_EVERY_S)
        if all_well and now >= self._next_memory:
            self._measure_memory()
            self._next_memory = now + MEMORY_EVERY_S
        self._write_status(now)

    def _measure_memory(self) -> None:
        parent_of = parents()
        for process in self.processes:
            if process.pid is not None:
                process.memory_bytes = proportional_bytes(descendants(process.pid, parent_of))

    def _write_status(self, _now: float) -> None:
        components = [
            {
                "name": one.component.name,
                "state": one.state,
                "pid": one.pid,
                "since": status.iso(one.since),
                "restarts": one.restarts,
                "last_exit": one.last_exit,
                "memory_bytes": one.memory_bytes,
                "heartbeat": None if one.heartbeat is None else status.iso(one.heartbeat),
            }
            for one in self.processes
        ]
        status.write_status(
            {
                "started_at": status.iso(self._timeline.started_at),
                "components": components,
                "timeline": self._timeline.phases,
            }
        )
