"""Which departures are taken: `STACK_LAUNCHER_<NAME>=off` turns one off, and an untested Airflow all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, get_args

Name = Literal[
    "CHILD_ENDS",
    "GC",
    "HOSTS",
    "LEFTOVERS",
    "MIGRATION",
    "NEWEST",
    "PRELOAD",
    "ROUNDS",
    "ROUTES",
    "WARM_UP",
    "WATCH",
]
NAMES: tuple[Name, ...] = get_args(Name)
TESTED_AIRFLOW = frozenset({"3.3.2"})


@dataclass(frozen=True)
class Switches:
    """`warning` is for the user, once."""

    on: frozenset[Name]
    warning: str | None = None

    def is_on(self, name: Name) -> bool:
        return name in self.on


def read_switches(env: Mapping[str, str], airflow: str) -> Switches:
    wanted = frozenset(name for name in NAMES if not _is_off(env.get(f"STACK_LAUNCHER_{name}", "")))
    if airflow in TESTED_AIRFLOW or not wanted:
        return Switches(wanted)
    names = ", ".join(sorted(wanted))
    return Switches(frozenset(), f"off, since they were not tested with Airflow {airflow}: {names}")


def airflow_version() -> str:
    """Read from the package's own data: importing Airflow to ask it would be too late for some."""
    try:
        return version("apache-airflow-core")
    except PackageNotFoundError:
        return "of an unknown version"


def _is_off(value: str) -> bool:
    return value.lower() in ("off", "false", "0", "no")
