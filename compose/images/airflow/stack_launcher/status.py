"""What the launcher tells about itself: a file for `stack status`, and one for the healthcheck."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path

FOLDER = Path("/tmp/stack")
HEALTHY = FOLDER / "healthy"
STATUS = FOLDER / "status.json"


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat().replace("+00:00", "Z")


def prepare() -> None:
    """What an earlier start of this container left says nothing about this one."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    HEALTHY.unlink(missing_ok=True)


def set_healthy(is_healthy: bool) -> None:
    if is_healthy:
        HEALTHY.touch()
    else:
        HEALTHY.unlink(missing_ok=True)


def write_status(document: dict[str, object]) -> None:
    """In one step, so that a reader sees all of the old or all of the new."""
    draft = STATUS.with_suffix(".draft")
    draft.write_text(json.dumps(document))
    os.replace(draft, STATUS)


class Timeline:
    """When the parts of the start began and ended, relative to the launcher's own start."""

    def __init__(self, started_at: float) -> None:
        self.started_at = started_at
        self.phases: list[dict[str, object]] = []

    def add(self, name: str, start: float, end: float) -> None:
        milliseconds = {
            "start_ms": round((start - self.started_at) * 1000),
            "end_ms": round((end - self.started_at) * 1000),
        }
        self.phases.append({"name": name, **milliseconds})
