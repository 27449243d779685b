"""Refuses requests that were meant for another site: Airflow answers under any name, and so also to a page whose own
name was pointed at this machine after it had been loaded (DNS rebinding). Airflow has no setting for this.

Such a page has a name in the public DNS. Addresses and names without a dot are nobody's there, so they stay allowed,
as does the name in `[api] base_url`. Switch: HOSTS.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

BASE_URL = "AIRFLOW__API__BASE_URL"
# How containers call the machine that they run on.
OWN_NAMES = frozenset({"host.docker.internal"})
TEXT = f"This Airflow does not go by the name in the Host header. {BASE_URL} names one more that it goes by.\n".encode()

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Any, Send], Awaitable[None]]


def install(is_on: bool, app: Any, env: Mapping[str, str]) -> None:
    """`app` is a Starlette application that has answered nothing yet."""
    if is_on:
        app.add_middleware(HostCheck, names=OWN_NAMES | {host_of(urlsplit(env.get(BASE_URL, "")).netloc)})


class HostCheck:
    """Passes on what was sent to one of our own names, as it is; answers the rest with 403."""

    def __init__(self, app: App, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not self._is_ours(scope):
            await refuse(scope["type"], send)
        else:
            await self._app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        sent = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        return all(is_nobodys(host_of(host)) or host_of(host) in self._names for host in sent)


def host_of(authority: str) -> str:
    """The name in "Name:8080" or "[::1]:8080", as names are compared."""
    host = authority.rpartition("@")[2]
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().removesuffix(".")


def is_nobodys(host: str) -> bool:
    """Whether no site in the public DNS can have this name."""
    if "." not in host and ":" not in host:
        return True
    if host.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def refuse(kind: str, send: Send) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(TEXT)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": TEXT})
