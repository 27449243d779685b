"""The start: import and database at the same time, then the stores, then uvicorn with MLflow's application."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from stack_mlflow import rights, upgrade, warm_up
from stack_mlflow.database import DatabaseWait
from stack_mlflow.logins import STOCK_ARGUMENT, Logins, configure, make_schema, prepare_store, set_users
from stack_mlflow.settings import Settings, server_environment
from stack_mlflow.status import Timeline
from stack_mlflow.stock import reason_for_stock, run_stock

if TYPE_CHECKING:
    import socket

    import uvicorn

# Requests that are still running at a stop, such as a large upload, get this long.
STOP_LIMIT_S = 5


def main(arguments: Sequence[str]) -> int:
    """Serves until it is stopped; returns the exit status."""
    started_at = time.time()
    timeline = Timeline(started_at)
    settings = Settings.read(os.environ)
    database = DatabaseWait(settings.backend_store_uri)
    database.start()
    logins = Logins.read(os.environ)
    if logins is not None:
        os.environ.update(configure(logins))
    reason = reason_for_stock(os.environ, arguments)
    if reason is not None:
        print(f"stack-mlflow: WARNING: the stock `mlflow server` is used, as {reason}", file=sys.stderr, flush=True)
        database.join()
        timeline.add("database", started_at, database.ready_at)
        upgrade.before_stock(os.environ, settings.backend_store_uri)
        if logins is not None:
            prepare_store(logins)
            set_users(logins)
            arguments = [*arguments, STOCK_ARGUMENT]
        run_stock(settings, arguments)

    os.environ.update(server_environment(settings, uuid.uuid4().hex))
    make_app = import_app(logins)
    timeline.add("import", started_at)
    database.join()
    timeline.add("database", started_at, database.ready_at)

    begin = time.time()
    if not open_stores(settings):
        return 1
    timeline.add("stores", begin)

    begin = time.time()
    app = make_app()
    if logins is not None:
        timeline.add("logins", begin)

    begin = time.time()
    # Objects that last are set aside: no collection looks at them again.
    gc.collect()
    gc.freeze()
    gc.enable()
    # uvicorn ends with the signal that it was stopped by; a stop that was asked for is no failure.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    users = () if logins is None else (logins.admin, logins.tasks)

    def on_serving() -> None:
        timeline.add("serve", begin)
        warm_up.install(os.environ, settings.port, users)

    make_server(app, settings, on_serving).run()
    return 0


def import_app(logins: Logins | None) -> Callable[[], object]:
    """MLflow sets up its server only when uvicorn has been imported before it."""
    import uvicorn  # noqa: F401

    if logins is None:
        from mlflow.server.fastapi_app import app

        return lambda: app

    from mlflow.server.auth import create_app

    rights.install(os.environ, logins.tasks.name)

    def make_app() -> object:
        make_schema(logins.database_uri)
        app = create_app()
        set_users(logins)
        return app

    return make_app


def open_stores(settings: Settings) -> bool:
    """As `mlflow server` does: an empty database gets its tables. One with an older schema is upgraded."""
    from mlflow.server.handlers import initialize_backend_stores
    from mlflow.tracing.trace_rollup_service import validate_sql_trace_rollup_startup

    def open_once() -> None:
        initialize_backend_stores(
            settings.backend_store_uri, settings.registry_store_uri, settings.default_artifact_root
        )
        validate_sql_trace_rollup_startup(settings.backend_store_uri)

    logger = logging.getLogger("mlflow.cli")
    try:
        try:
            open_once()
        except Exception as refusal:
            if not upgrade.after_refusal(os.environ, settings.backend_store_uri, refusal):
                raise
            open_once()
    except Exception as error:
        logger.error("Error initializing backend store")
        logger.exception(error)
        return False
    return True


def make_server(app: Any, settings: Settings, on_serving: Callable[[], None]) -> uvicorn.Server:
    """With the log format of `mlflow server`."""
    import uvicorn
    from mlflow.server import _UVICORN_LOG_CONFIG

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                on_serving()

    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=str(_UVICORN_LOG_CONFIG),
        timeout_graceful_shutdown=STOP_LIMIT_S,
    )
    return Server(config)
