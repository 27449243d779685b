"""Asks the database nothing about what the user of tasks may do with runs, models and traces, because the answer is
always "everything", and the question takes longer than what is asked for: a run of a task asks it two dozen times.

Whoever has a login may do everything with them, unless an administrator takes it from him; from this user nobody can.
So what isn't there is not found (404), where MLflow would say that it may not be seen (403).
Users, roles, permissions and what else is an administrator's is asked about as ever. STACK_MLFLOW_RIGHTS=off turns it off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

SWITCH = "STACK_MLFLOW_RIGHTS"
KINDS = "experiments|runs|metrics|logged-models|registered-models|model-versions|traces"
OPEN = re.compile(rf"/(?:ajax-)?api/[23]\.0/mlflow/(?:{KINDS})(?:/(?!permissions(?:/|$))[^/]+)*")


def install(environment: Mapping[str, str], user: str) -> None:
    """Before MLflow's application with logins is made."""
    if environment.get(SWITCH, "on").lower() in ("off", "false", "0", "no"):
        return
    from flask import request
    from mlflow.server import auth

    auth.sender_is_admin = trusting(auth, user, lambda: request.path)


def trusting(auth: Any, user: str, path: Callable[[], str]) -> Callable[[], bool]:
    """In place of MLflow's question whether whoever asks is an administrator, who is asked no further question."""
    stock: Callable[[], bool] = auth.sender_is_admin

    def sender_is_admin() -> bool:
        if OPEN.fullmatch(path()) and auth.authenticate_request().username == user:
            return True
        return stock()

    return sender_is_admin
