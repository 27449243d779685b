import asyncio

import pytest
from stack_launcher.deviations.hosts import BASE_URL, HostCheck, host_of, install, is_nobodys


class Application:
    """An ASGI application that notes what it was called with."""

    def __init__(self):
        self.calls = []
        self.middleware = []

    async def __call__(self, *args):
        self.calls.append(args)

    def add_middleware(self, kind, **options):
        self.middleware.append((kind, options))


def ask(*hosts, names=frozenset(), kind="http"):
    """What of three same things reached the application, and what was sent without it."""
    app, sent = Application(), []

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "headers": [(b"accept", b"*/*"), *((b"host", host) for host in hosts)]}
    given = (scope, object(), send)
    asyncio.run(HostCheck(app, names)(*given))
    for call in app.calls:
        assert all(one is other for one, other in zip(call, given, strict=True))
    return len(app.calls), sent


OURS = [b"localhost:8080", b"LOCALHOST", b"localhost.", b"127.0.0.1:8080", b"[::1]:8080", b"172.17.0.1", b"airflow:8080"]
FOREIGN = [b"evil.example", b"evil.example:8080", b"localhost.evil.example", b"127.0.0.1.evil.example", b"a.b."]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", OURS)
def test_what_is_ours_passes_untouched(host, kind):
    assert ask(host, kind=kind) == (1, [])


def test_what_has_no_name_passes_untouched():
    assert ask() == (1, [])
    assert ask(b"evil.example", kind="lifespan") == (1, [])


@pytest.mark.parametrize("host", FOREIGN)
def test_a_foreign_name_is_refused(host):
    calls, sent = ask(host)
    assert calls == 0
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == 403
    assert BASE_URL.encode() in sent[1]["body"]
    assert ask(host, kind="websocket") == (0, [{"type": "websocket.close", "code": 1008}])


def test_of_two_names_both_have_to_be_ours():
    assert ask(b"localhost", b"evil.example")[0] == 0


def test_the_name_in_base_url_is_ours_too():
    app = Application()
    install(True, app, {BASE_URL: "https://user@Flow.Example.org:8443/team"})
    ((kind, options),) = app.middleware
    assert kind is HostCheck
    assert ask(b"flow.example.org", **options)[0] == 1
    assert ask(b"host.docker.internal:8080", **options)[0] == 1
    assert ask(b"example.org", **options)[0] == 0


def test_nothing_is_done_when_it_is_off():
    app = Application()
    install(False, app, {})
    assert app.middleware == []


@pytest.mark.parametrize(
    ("authority", "host"),
    [("a.b:80", "a.b"), ("[fe80::1]:80", "fe80::1"), ("A.B.", "a.b"), ("u:p@a.b:80", "a.b"), ("", "")],
)
def test_the_name_is_read_as_names_are_compared(authority, host):
    assert host_of(authority) == host


@pytest.mark.parametrize("host", ["localhost", "stack.localhost", "10.0.0.1", "::1", ""])
def test_a_name_that_no_site_can_have(host):
    assert is_nobodys(host)


@pytest.mark.parametrize("host", ["a.b", "1.2.3", "10.0.0.1.nip.example", "localhost.example"])
def test_a_name_that_a_site_can_have(host):
    assert not is_nobodys(host)


@pytest.mark.image
def test_airflow_answers_its_own_names_as_before(python):
    code = """
import json, os, sys
from airflow.api_fastapi.app import create_app
from stack_launcher.deviations import hosts
from starlette.testclient import TestClient

def answers(app, host):
    client = TestClient(app, raise_server_exceptions=False)
    told = [client.get(path, headers={"host": host}) for path in ("/api/v2/version", "/api/v2/dags", "/docs", "/none")]
    return [[one.status_code, one.text, sorted(one.headers)] for one in told]

app = create_app()
stock = answers(app, "localhost:8080")
app.middleware_stack = None  # it is put together at the first answer
hosts.install(True, app, {})
found = [stock, answers(app, "localhost:8080"), answers(app, "evil.example")]
json.dump(found, open(sys.argv[1], "w"))
sys.stdout.flush()
os._exit(0)
"""
    stock, ours, foreign = python.run(code, AIRFLOW__API_AUTH__JWT_SECRET="x" * 64)
    assert [status for status, _, _ in stock] == [200, 401, 200, 200]
    assert ours == stock
    assert [status for status, _, _ in foreign] == [403] * 4
