"""Where the launcher departs from what Airflow's own commands do.

Each file is one departure: why, a switch to turn it off, and a test that the result is the same. All of them
turn themselves off, with one warning, on an Airflow that they weren't tested with.
"""

from __future__ import annotations

import os

TESTED_AIRFLOW = ("3.3.2",)


def is_on(name: str) -> bool:
    """Whether a departure may be taken: `STACK_LAUNCHER_<NAME>` isn't off, and this Airflow is a tested one."""
    if os.environ.get(f"STACK_LAUNCHER_{name}", "on").lower() in ("off", "false", "0"):
        return False
    from airflow.version import version

    if version in TESTED_AIRFLOW:
        return True
    print(f"launcher: {name} is off, since it was not tested with Airflow {version}", flush=True)
    return False
