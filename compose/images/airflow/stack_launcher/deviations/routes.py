"""Puts off FastAPI's analysis of a route until the route is first used, because Airflow declares each route up to four
times, on routers that include each other, and analysing all 825 of them takes most of the API server's start.

FastAPI's own constructor runs twice: at once, with the costly functions that it calls left out, for what is cheap to
know; and in full, when something is asked for that only the analysis tells. It leans on FastAPI's inner workings.
Switch: ROUTES.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

# What the analysis is for: attributes that nothing reads while routers are being put together.
DEFERRED = frozenset(
    {
        "_embed_body_fields",
        "_flat_dependant",
        "app",
        "body_field",
        "dependant",
        "is_json_stream",
        "is_sse_stream",
        "response_field",
        "response_fields",
        "stream_item_field",
    }
)
# Where the constructor's arguments wait.
WAITING = "_stack_waiting"


def install(is_on: bool) -> None:
    """Before anything declares a route."""
    if is_on:
        from fastapi import routing

        defer(routing)


def defer(routing: Any) -> Callable[[], None]:
    """Returns a function that undoes it."""
    stock_init = routing.APIRoute.__init__
    local = threading.local()
    lock = threading.RLock()
    stand_ins = _stand_ins()
    stock = {name: getattr(routing, name) for name in stand_ins}

    def either(name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            chosen = stand_ins if getattr(local, "is_cheap", False) else stock
            return chosen[name](*args, **kwargs)

        return call

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        before = dict(self.__dict__)
        local.is_cheap = True
        try:
            stock_init(self, *args, **kwargs)
        finally:
            local.is_cheap = False
        for name in DEFERRED:
            del self.__dict__[name]
        # Its lists may be changed before they are used; FastAPI would have read them by now.
        for name in ("dependencies", "responses"):
            if kwargs.get(name):
                kwargs[name] = kwargs[name].copy()
        self.__dict__[WAITING] = (before, args, kwargs)

    def analyse(self: Any) -> None:
        with lock:
            waiting = self.__dict__.get(WAITING)
            if waiting is None:
                return
            before, args, kwargs = waiting
            analysed = object.__new__(type(self))
            analysed.__dict__.update(before)
            stock_init(analysed, *args, **kwargs)
            for name in DEFERRED:
                # Not over what was set meanwhile.
                self.__dict__.setdefault(name, analysed.__dict__[name])
            del self.__dict__[WAITING]

    def missing(self: Any, name: str) -> Any:
        if name in DEFERRED:
            analyse(self)
            if name in self.__dict__:
                return self.__dict__[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def undo() -> None:
        routing.APIRoute.__init__ = stock_init
        del routing.APIRoute.__getattr__
        for name, function in stock.items():
            setattr(routing, name, function)

    for name in stand_ins:
        setattr(routing, name, either(name))
    routing.APIRoute.__init__ = init
    routing.APIRoute.__getattr__ = missing
    return undo


def _stand_ins() -> dict[str, Callable[..., Any]]:
    """The costly functions of the constructor, and what stands in for them; nothing reads what these return."""

    def nothing(*_: Any, **__: Any) -> None:
        return None

    def no_dependant(*_: Any, **__: Any) -> SimpleNamespace:
        return SimpleNamespace(dependencies=[], body_params=[], is_async_gen_callable=False, is_gen_callable=False)

    return {
        "create_model_field": nothing,
        "get_body_field": nothing,
        "get_dependant": no_dependant,
        "get_flat_dependant": no_dependant,
        "get_parameterless_sub_dependant": nothing,
        "get_request_handler": nothing,
        "request_response": nothing,
        "_should_embed_body_fields": nothing,
    }
