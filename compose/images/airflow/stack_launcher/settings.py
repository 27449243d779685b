"""What the launcher is told by its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DATABASE_URL = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
STOP_LIMIT = "STACK_STOP_LIMIT"


class SettingsError(Exception):
    """A variable that is missing or can't be read."""


@dataclass(frozen=True)
class Settings:
    database_url: str
    # Seconds from the signal to stop until the last process is gone.
    stop_limit_s: float
    folder: Path


def read_settings(env: Mapping[str, str]) -> Settings:
    url = env.get(DATABASE_URL, "")
    if not url.startswith(("postgresql+psycopg2://", "postgresql://")):
        raise SettingsError(f"{DATABASE_URL} must be a URL that begins with postgresql+psycopg2://")
    limit = env.get(STOP_LIMIT, "8")
    try:
        limit_s = float(limit)
    except ValueError:
        limit_s = -1.0
    if not 0 < limit_s < float("inf"):
        raise SettingsError(f"{STOP_LIMIT} must be a number of seconds above 0, not {limit!r}")
    return Settings(url, limit_s, Path("/tmp/stack"))
