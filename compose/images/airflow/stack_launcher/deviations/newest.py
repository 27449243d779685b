"""Makes the execution API's newest version alone at its first request, and all nine when an older one is asked for,
because making all takes two seconds, and tasks of the same Airflow ask for the newest.

Airflow's own factory makes both applications; they share their state. It leans on how Cadwyn bundles versions.
Switch: NEWEST.
"""

from __future__ import annotations

from functools import wraps
from typing import Any


def install(is_on: bool) -> None:
    """Before the API server makes its application."""
    if is_on:
        from airflow.api_fastapi import app as core
        from airflow.api_fastapi.execution_api import app as execution

        stock = stock_factory()

        @wraps(stock)
        def create(*args: Any, **kwargs: Any) -> Any:
            return newest_first(stock, args, kwargs)

        core.create_task_execution_api_app = execution.create_task_execution_api_app = create


def stock_factory() -> Any:
    """Airflow's own, also when it has been replaced."""
    from airflow.api_fastapi.execution_api import app as execution

    made = execution.create_task_execution_api_app
    return getattr(made, "__wrapped__", made)


def newest_first(stock: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Airflow's application, which leaves requests for the newest version to one that knows no other."""
    whole = stock(*args, **kwargs)
    newest = _only_newest(stock, args, kwargs)
    newest.state = whole.state
    newest.dependency_overrides = whole.dependency_overrides
    header = whole.api_version_parameter_name.lower().encode()
    value = whole.versions.versions[0].value.encode()

    class NewestFirst(type(whole)):  # type: ignore[misc]
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if not self._cadwyn_initialized and _is_for_newest(scope, header, value):
                await newest(scope, receive, send)
            else:
                # As it goes on by itself, an older version's request is the last that comes this way.
                await super().__call__(scope, receive, send)

    whole.__class__ = NewestFirst
    return whole


def _only_newest(stock: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    from airflow.api_fastapi.execution_api import versions
    from cadwyn import HeadVersion, Version, VersionBundle
    from cadwyn.route_generation import _DELETED_ROUTE_TAG

    bundle = versions.bundle
    newest = Version(bundle.versions[0].value)
    versions.bundle = VersionBundle(HeadVersion(), newest, api_version_var=bundle.api_version_var)
    try:
        app = stock(*args, **kwargs)
    finally:
        versions.bundle = bundle
    router = app._latest_version_router
    # What only older versions have.
    router.routes = [route for route in router.routes if _DELETED_ROUTE_TAG not in getattr(route, "tags", ())]
    return app


def _is_for_newest(scope: Any, header: bytes, newest: bytes) -> bool:
    """A request without a version gets the newest one; documents tell of all."""
    if scope["type"] != "http" or scope["path"].endswith(("/openapi.json", "/docs", "/redoc", "/changelog")):
        return False
    asked = [value for name, value in scope["headers"] if name == header]
    return asked in ([], [newest])
