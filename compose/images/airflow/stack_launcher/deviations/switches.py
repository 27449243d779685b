"""Which departures are taken: `STACK_LAUNCHER_<NAME>=off` turns one off, an untested Airflow all of them, and another
untested package those that lean on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
    "TRIGGER_END",
    "WARM_UP",
    "WATCH",
]
NAMES: tuple[Name, ...] = get_args(Name)


@dataclass(frozen=True)
class Tested:
    """The versions of a package that departures were tested with."""

    title: str
    package: str
    versions: frozenset[str]


AIRFLOW = Tested("Airflow", "apache-airflow-core", frozenset({"3.3.2"}))
# What single departures lean on besides.
LEANS_ON: Mapping[Name, Tested] = {
    "CHILD_ENDS": Tested("Airflow's task SDK", "apache-airflow-task-sdk", frozenset({"1.3.2"})),
    "NEWEST": Tested("Cadwyn", "cadwyn", frozenset({"7.0.0"})),
    "ROUTES": Tested("FastAPI", "fastapi", frozenset({"0.136.3"})),
    "WATCH": Tested("watchfiles", "watchfiles", frozenset({"1.2.0"})),
}


@dataclass(frozen=True)
class Switches:
    """`warning` is for the user, once."""

    on: frozenset[Name]
    warning: str | None = None

    def is_on(self, name: Name) -> bool:
        return name in self.on


def installed(package: str) -> str:
    """Read from the package's own data: importing Airflow to ask it would be too late for some."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "of an unknown version"


def read_switches(
    env: Mapping[str, str],
    version_of: Callable[[str], str] = installed,
    names: Iterable[Name] = NAMES,
) -> Switches:
    wanted = [name for name in sorted(names) if not _is_off(env.get(f"STACK_LAUNCHER_{name}", ""))]
    found = {tested.package: version_of(tested.package) for tested in (AIRFLOW, *LEANS_ON.values())}
    reasons = {name: _untested(name, found) for name in wanted}
    names_of: dict[str, list[Name]] = {}
    for name, reason in reasons.items():
        if reason:
            names_of.setdefault(reason, []).append(name)
    told = [f"off, since they were not tested with {reason}: {', '.join(those)}" for reason, those in names_of.items()]
    return Switches(frozenset(name for name in wanted if not reasons[name]), "; ".join(told) or None)


def _untested(name: Name, found: Mapping[str, str]) -> str | None:
    """The first package that keeps it from being taken, with its version."""
    for tested in (AIRFLOW, LEANS_ON.get(name)):
        if tested and found[tested.package] not in tested.versions:
            return f"{tested.title} {found[tested.package]}"
    return None


def _is_off(value: str) -> bool:
    return value.lower() in ("off", "false", "0", "no")
