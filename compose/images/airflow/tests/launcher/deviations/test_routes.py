"""Over a module that stands in for FastAPI's; test_routes_of_airflow.py has the real ones."""

import copy
import sys
import threading
from types import ModuleType

import pytest
from fake_fastapi import DEFERRED, make_routing
from stack_launcher.deviations import routes


@pytest.fixture
def routing():
    return make_routing()


@pytest.fixture
def undo(routing):
    undo = routes.defer(routing)
    yield undo
    if "__getattr__" in vars(routing.APIRoute):
        undo()


def analysis(route):
    return {name: getattr(route, name) for name in sorted(DEFERRED)}


def test_nothing_is_analysed_while_a_route_is_declared(routing, undo):
    route = routing.APIRoute("/dags", len)
    assert (route.path, route.endpoint, route.dependencies) == ("/dags", len, [])
    assert routing.calls == []
    assert not DEFERRED & set(vars(route))


@pytest.mark.parametrize("name", sorted(DEFERRED))
def test_anything_the_analysis_tells_brings_it_about(name):
    stock, deferred = make_routing(), make_routing()
    routes.defer(deferred)
    arguments = {"dependencies": ["auth"], "responses": {404: "Missing"}}
    expected = getattr(stock.APIRoute("/dags", len, **arguments), name)
    route = deferred.APIRoute("/dags", len, **arguments)
    # By their words: each module has a class of its own.
    assert repr(getattr(route, name)) == repr(expected)
    assert deferred.calls == stock.calls
    getattr(route, name)
    assert deferred.calls == stock.calls


def test_what_is_set_meanwhile_stays(routing, undo):
    route = routing.APIRoute("/dags", len)
    route.app = "wrapped"
    assert route.dependant is not None
    assert route.app == "wrapped"


def test_a_list_that_is_changed_before_is_read_as_it_was(routing, undo):
    dependencies, responses = ["auth"], {404: "Missing"}
    route = routing.APIRoute("/dags", len, dependencies=dependencies, responses=responses)
    dependencies.append("trace")
    responses.clear()
    assert route.dependant.dependencies == ["auth"]
    assert route.response_fields == {404: ("field", "Missing")}


def test_a_copy_is_analysed_by_itself(routing, undo):
    route = routing.APIRoute("/dags", len)
    twin = copy.copy(route)
    assert analysis(twin) == analysis(route)
    assert len(routing.calls) == 2 * len(set(routing.calls))


def test_what_a_subclass_has_set_before_is_there_for_the_analysis(routing, undo):
    class Prefixed(routing.APIRoute):
        def __init__(self, path, endpoint):
            self.prefix = "/v2"
            super().__init__(path, endpoint)

        def get_route_handler(self):
            return self.prefix, super().get_route_handler()

    assert Prefixed("/dags", len).app[1][0] == "/v2"


def test_other_names_are_missing_as_ever(routing, undo):
    route = routing.APIRoute("/dags", len)
    with pytest.raises(AttributeError, match="'APIRoute' object has no attribute 'colour'"):
        route.colour  # noqa: B018
    assert not hasattr(route, "__deepcopy__")
    assert routing.calls == []


def test_a_mistake_in_a_declaration_is_told_at_once(routing, undo):
    with pytest.raises(AssertionError, match="must be a callable"):
        routing.APIRoute("/dags", "list")
    # Another thread's, or the next, declaration is not affected.
    assert routing.get_dependant("/dags", len) == routing.Dependant("/dags")


def test_threads_that_ask_at_once_get_one_analysis(routing, undo):
    route = routing.APIRoute("/dags", len)
    barrier, seen = threading.Barrier(8), []

    def ask():
        barrier.wait()
        seen.append(id(route.dependant))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 1
    assert len(routing.calls) == len(set(routing.calls))


def test_is_undone_without_a_trace(routing):
    before = {**vars(routing)}, {**vars(routing.APIRoute)}
    routes.defer(routing)()
    assert ({**vars(routing)}, {**vars(routing.APIRoute)}) == before


@pytest.mark.parametrize(("is_on", "expected"), [(True, 1), (False, 0)])
def test_is_installed_only_when_it_is_on(monkeypatch, routing, is_on, expected):
    deferred = []
    monkeypatch.setattr(routes, "defer", deferred.append)
    fastapi = ModuleType("fastapi")
    fastapi.routing = routing
    monkeypatch.setitem(sys.modules, "fastapi", fastapi)
    routes.install(is_on)
    assert deferred == [routing] * expected
