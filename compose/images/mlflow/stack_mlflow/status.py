"""What the server tells about its start, in a file for `stack status`."""

from __future__ import annotations

import json
import os
import time
from datetime import datetime, timezone
from pathlib import Path

FOLDER = Path("/tmp/stack")


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat().replace("+00:00", "Z")


class Timeline:
    """When the parts of the start began and ended, relative to the start itself; the file follows each part."""

    def __init__(self, started_at: float, folder: Path = FOLDER) -> None:
        self._started_at = started_at
        self._file = folder / "status.json"
        self._phases: list[dict[str, object]] = []
        folder.mkdir(parents=True, exist_ok=True)
        self._write()

    def add(self, name: str, start: float, end: float | None = None) -> None:
        milliseconds = {
            "start_ms": round((start - self._started_at) * 1000),
            "end_ms": round(((time.time() if end is None else end) - self._started_at) * 1000),
        }
        self._phases.append({"name": name, **milliseconds})
        self._write()

    def _write(self) -> None:
        """In one step, so that a reader sees all of the old or all of the new."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps({"started_at": iso(self._started_at), "timeline": self._phases}))
        os.replace(draft, self._file)
