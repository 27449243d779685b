"""Makes each user's first call as soon as the server answers, because the first of all costs a third of a second and the
first of a user a tenth, which a task would have to wait for otherwise. It looks for an experiment, which changes nothing.

Switch: STACK_MLFLOW_WARM_UP.
"""

from __future__ import annotations

import http.client
import threading
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress

from stack_mlflow.logins import User

SWITCH = "STACK_MLFLOW_WARM_UP"
PATH = "/api/2.0/mlflow/experiments/search"
PATIENCE_S = 30.0


def install(environment: Mapping[str, str], port: int, users: Sequence[User]) -> threading.Thread | None:
    """To be called once the server listens; what it is told is nobody's business."""
    if environment.get(SWITCH, "on").lower() in ("off", "false", "0", "no"):
        return None
    thread = threading.Thread(target=_ask, args=(port, users), name="warm-up", daemon=True)
    thread.start()
    return thread


def _ask(port: int, users: Sequence[User]) -> None:
    headers = {"Content-Type": "application/json"}
    for login in [_login(user) for user in users] or [{}]:
        # Without a proxy, and under a name that is always on the list.
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        with suppress(OSError, http.client.HTTPException):
            connection.request("POST", PATH, '{"max_results": 1}', {**headers, **login})
            connection.getresponse().read()
        connection.close()


def _login(user: User) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{user.name}:{user.password}'.encode()).decode()}"}
