"""Whether the components are well: the API answers, and each of the others has beaten lately."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass

# Components beat every five seconds; Airflow itself calls one that has been silent this long dead.
SILENT_AFTER_S = 30.0

HEARTBEATS = """
select job_type, extract(epoch from max(latest_heartbeat)), extract(epoch from max(start_date))
from job where state = 'running' and hostname = %s group by job_type
"""


@dataclass(frozen=True)
class Heartbeat:
    """Seconds since 1970."""

    latest: float
    started: float


def beats_well(beat: Heartbeat | None, component_started: float, now: float, excused_until: float) -> bool:
    """A job of an earlier start says nothing; silence until `excused_until` is no fault of the component's."""
    if beat is None or beat.started < component_started - 1:
        return False
    return now - max(beat.latest, excused_until) < SILENT_AFTER_S


def heartbeats_from(rows: list[tuple[str, float, float]]) -> Mapping[str, Heartbeat]:
    return {job_type: Heartbeat(float(latest), float(started)) for job_type, latest, started in rows}


def api_answers(port: int = 8080, timeout_s: float = 1.0) -> bool:
    """One plain request; a client library would cost more than all the rest of the launcher's idle time."""
    request = b"GET /api/v2/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout_s) as connection:
            connection.sendall(request)
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
