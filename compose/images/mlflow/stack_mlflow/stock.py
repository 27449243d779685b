"""MLflow's own command line, for everything that the one process has not been tested with."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from stack_mlflow.settings import Settings, needs_stock

# Which environment its server reads, and how its stores are opened, are MLflow's own affair and may change.
TESTED_VERSION = "3.17.2"
SWITCH = "STACK_MLFLOW_ONE_PROCESS"


def reason_for_stock(environment: Mapping[str, str], arguments: Sequence[str]) -> str | None:
    """Why the stock command line has to serve; None if it need not."""
    if environment.get(SWITCH, "on").lower() in ("off", "false", "0", "no"):
        return f"{SWITCH} is off"
    installed = version("mlflow")
    if installed != TESTED_VERSION:
        return f"MLflow {installed} is installed, tested is {TESTED_VERSION}"
    if arguments:
        return "it was given arguments"
    setting = needs_stock(environment)
    return f"one process does not serve this setting: {setting}" if setting else None


def stock_command(settings: Settings, environment: Mapping[str, str], arguments: Sequence[str]) -> list[str]:
    return [
        "mlflow",
        "server",
        f"--host={settings.host}",
        f"--port={settings.port}",
        f"--workers={environment.get('MLFLOW_WORKERS') or 1}",
        f"--artifacts-destination={settings.artifacts_destination}",
        *arguments,
    ]


def run_stock(settings: Settings, arguments: Sequence[str]) -> None:
    """Replaces this process."""
    command = stock_command(settings, os.environ, arguments)
    os.execvp(command[0], command)
