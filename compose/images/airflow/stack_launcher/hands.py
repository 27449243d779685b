"""What the launcher can do: fork, signal, ask, write."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from stack_launcher.components import COMPONENTS
from stack_launcher.exits import OomWatch
from stack_launcher.forking import fork
from stack_launcher.observer import Place, observe
from stack_launcher.observer_link import ObserverLink
from stack_launcher.outputs import Output, open_output
from stack_launcher.process_tree import Process, kill_members, read_processes, send
from stack_launcher.signals import SignalPipe
from stack_launcher.sink import Sink
from stack_launcher.status import Board

LAUNCHER = "launcher"
# Of the names before each line.
WIDTH = max(len(one.name) for one in COMPONENTS)


class Hands:
    def __init__(self, board: Board, sink: Sink, place: Place) -> None:
        self.sink = sink
        self.signals = SignalPipe()
        self._board = board
        self._place = place
        self._outputs: dict[str, Output] = {}
        self._names: dict[int, str] = {}
        self._oom = OomWatch()
        self.link = ObserverLink(self._fork_observer, lambda pid: send([pid], signal.SIGKILL))

    def fork(self, name: str, run: Callable[[], int | None]) -> int:
        """A child whose output is given out under that name; returns its pid."""
        pid = fork(run, self._output(name).writer, self._close)
        self._names[pid] = name
        return pid

    def clear_away(self, pid: int) -> None:
        count = kill_members(pid)
        if count:
            self.say(f"ended {count} processes that the one with pid {pid} left")

    def was_out_of_memory(self, now: float) -> bool:
        """Whether the kernel killed something in the container just now, for its memory limit."""
        return self._oom.look(now)

    def ask(self, roots: Sequence[int]) -> None:
        now = time.time()
        self._oom.look(now)
        self.link.ask(roots, now)

    def processes(self) -> Mapping[int, Process]:
        return read_processes()

    def send(self, pids: Iterable[int], number: signal.Signals) -> None:
        send(pids, number)

    def say(self, text: str) -> None:
        self.sink.put([f"{LAUNCHER:<{WIDTH}} | {text}\n".encode()])

    def show(self, is_healthy: bool, document: dict[str, Any]) -> None:
        self._board.show_health(is_healthy)
        self._board.show_status(document)

    def readers(self) -> list[int]:
        """All that may have something to read."""
        fds = [self.signals.reader, *(output.reader for output in self._outputs.values())]
        if self.link.answers is not None:
            fds.append(self.link.answers)
        return fds

    def pass_on_output(self) -> None:
        self.sink.put(line for output in self._outputs.values() for line in output.read())

    def pass_on_last_output(self, pid: int) -> None:
        """Of a child that has ended."""
        name = self._names.pop(pid, None)
        if name is not None:
            self.sink.put(self._outputs[name].read_last())

    def _output(self, name: str) -> Output:
        if name not in self._outputs:
            self._outputs[name] = open_output(name, WIDTH)
        return self._outputs[name]

    def _fork_observer(self, questions: int, answers: int) -> int:
        def run() -> None:
            with os.fdopen(questions, "rb") as asked, os.fdopen(answers, "wb") as told:
                observe(self._place, asked, told)

        return self.fork(LAUNCHER, run)

    def _close(self) -> None:
        """In a child: what only the launcher may hold."""
        self.signals.close()
        self.link.close()
        self.sink.close()
        for output in self._outputs.values():
            output.close()
