"""A process of its own that asks how the components are, since questions may take long to be answered.

It is asked by a line of JSON and answers with one. It knows nothing of the components but the pids whose memory
it is asked for, so that it never has to be told what changed.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

from stack_launcher.database import connect, latest_beats
from stack_launcher.health import Beat, Facts
from stack_launcher.memory import MemoryMeter
from stack_launcher.process_tree import members, read_processes

# The one path that Airflow leaves out of its access log. A GET would query the database; the refusal of a HEAD tells
# as well that the application is there and takes requests.
ALIVE = b"HEAD /api/v2/monitor/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
# What tasks call. Its first request builds its routes, for which every other one has to wait.
READY = b"GET /execution/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
# An Airflow that has no such path is ready as well.
ANSWERS = (b"HTTP/1.1 405", b"HTTP/1.1 200", b"HTTP/1.1 404")


def api_answers(port: int, request: bytes = ALIVE, timeout_s: float = 2.0) -> bool:
    """One plain request; a client library would cost more than all the rest of the launcher's idle time."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout_s) as connection:
            connection.sendall(request)
            return connection.recv(64).startswith(ANSWERS)
    except OSError:
        return False


class ApiReader:
    """Asks an API server that may have started since the last answer whether tasks can call it; then, whether it lives."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._answered = False

    def answers(self) -> bool:
        self._answered = api_answers(self._port, ALIVE if self._answered else READY)
        return self._answered


class BeatReader:
    """Reads heartbeats over one connection, which is opened anew after a failure."""

    def __init__(self, open_connection: Callable[[], Any], hostname: str) -> None:
        self._open = open_connection
        self._hostname = hostname
        self._connection: Any = None

    def read(self) -> Mapping[str, Beat] | None:
        """None when the database can't be asked."""
        try:
            self._connection = self._connection or self._open()
            return latest_beats(self._connection, self._hostname)
        except Exception:
            self._close()
            return None

    def _close(self) -> None:
        try:
            if self._connection is not None:
                self._connection.close()
        except Exception:
            # It was broken, or had never been whole.
            pass
        self._connection = None


def measure(roots: Sequence[int], meter: MemoryMeter) -> dict[int, int]:
    """Bytes used by the components that began with these pids."""
    if not roots:
        return {}
    processes = read_processes()
    meter.forget_all_but(processes)
    return {root: meter.measure(members(root, processes)) for root in roots}


@dataclass(frozen=True)
class Place:
    """Where the components can be seen: their database, their API server, and how they name themselves there."""

    database_url: str
    api_port: int
    hostname: str


def observe(place: Place, questions: BinaryIO, answers: BinaryIO) -> None:
    """Answers until no more questions come."""
    api = ApiReader(place.api_port)
    beats = BeatReader(lambda: connect(place.database_url), place.hostname)
    meter = MemoryMeter()
    for line in questions:
        asked_at = time.time()
        found = (api.answers(), beats.read(), measure(json.loads(line), meter))
        facts = Facts(asked_at, time.time(), *found)
        answers.write(encode(facts))
        answers.flush()


def encode(facts: Facts) -> bytes:
    return json.dumps(asdict(facts)).encode() + b"\n"


def decode(line: bytes) -> Facts:
    fields = json.loads(line)
    beats = fields["beats"]
    return Facts(
        asked_at=fields["asked_at"],
        at=fields["at"],
        answers=fields["answers"],
        beats=None if beats is None else {name: Beat(**beat) for name, beat in beats.items()},
        memory={int(pid): size for pid, size in fields["memory"].items()},
    )
