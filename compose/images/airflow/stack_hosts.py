"""Has a stock `airflow api-server` refuse what was meant for another site, as the one that the launcher forks does, and
by the same check: `stack_launcher.deviations.hosts` says why.

A line in stack_hosts.pth imports this module at every start of Python. STACK_API_HOSTS=on turns it on, which the layout
with a container for each component does for its API server; STACK_LAUNCHER_HOSTS=off, or an untested Airflow, off.
"""

from __future__ import annotations

import sys
from os import environ

from stack_traps import AfterImport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def install() -> None:
    if environ.get("STACK_API_HOSTS", "off").lower() == "on":
        sys.meta_path.insert(0, AfterImport("airflow.api_fastapi.app", guard))


def guard(module: Any) -> None:
    """`module` is Airflow's, which has made no application yet."""
    from stack_launcher.deviations import hosts
    from stack_launcher.deviations.switches import read_switches

    switches = read_switches(environ, names=["HOSTS"])
    if switches.warning:
        _warn(f"stack_hosts answers requests under any name: {switches.warning}")
    if not switches.is_on("HOSTS"):
        return
    stock = module.create_app

    def create_app(*args: Any, **kwargs: Any) -> Any:
        app = stock(*args, **kwargs)
        hosts.install(True, app, environ)
        return app

    module.create_app = create_app


def _warn(text: str) -> None:
    from logging import getLogger

    getLogger(__name__).warning(text)


install()
