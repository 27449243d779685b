"""What the launcher tells about itself: a file for whoever asks how it is, and one for the healthcheck."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Board:
    """The folder with both files. What a full disk doesn't take is left out: the components go on without."""

    folder: Path

    def clear(self) -> None:
        """What an earlier start of this container left says nothing about this one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.healthy.unlink(missing_ok=True)
        self.status.unlink(missing_ok=True)

    @property
    def healthy(self) -> Path:
        return self.folder / "healthy"

    @property
    def status(self) -> Path:
        return self.folder / "status.json"

    def show_health(self, is_healthy: bool) -> None:
        if is_healthy:
            with suppress(OSError):
                self.healthy.touch()
        else:
            self.healthy.unlink(missing_ok=True)

    def show_status(self, document: dict[str, Any]) -> None:
        """In one step, so that a reader sees all of the old or all of the new."""
        draft = self.folder / ".status.json"
        with suppress(OSError):
            draft.write_text(json.dumps(document))
            os.replace(draft, self.status)


class Timeline:
    """When the parts of the start began and ended, relative to the launcher's own start."""

    def __init__(self, started_at: float) -> None:
        """Seconds since 1970."""
        self.started_at = started_at
        self.parts: list[dict[str, Any]] = []

    def add(self, name: str, start: float, end: float) -> None:
        start_ms, end_ms = (round((moment - self.started_at) * 1000) for moment in (start, end))
        self.parts.append({"name": name, "start_ms": start_ms, "end_ms": end_ms})
