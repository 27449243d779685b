import socket
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from stack_launcher.deviations import warm_up

WAIT_S = 10


class Server:
    """Refuses the first requests with a 503, if told so, and remembers all paths."""

    def __init__(self, port=0, refusals=0):
        paths = self.paths = []
        answered = self.answered = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                paths.append(self.path)
                is_refused = len(paths) <= refusals
                self.send_response(503 if is_refused else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if len(paths) == refusals + len(warm_up.PATHS):
                    answered.set()

            def log_message(self, *_):
                pass

        self._http = HTTPServer(("127.0.0.1", port), Handler)
        self.port = self._http.server_port
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self):
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def serve():
    servers = []

    def start(*args, **kwargs):
        servers.append(Server(*args, **kwargs))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
    for thread in threads():
        thread.join(WAIT_S)


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def threads():
    return [one for one in threading.enumerate() if one.name == "warm-up"]


def test_asks_each_path_once(serve):
    server = serve()
    warm_up.install(True, server.port)
    assert server.answered.wait(WAIT_S)
    assert server.paths == ["/execution/health", "/api/v2/monitor/health"]


def test_asks_again_until_it_is_answered(serve):
    server = serve(refusals=2)
    warm_up.install(True, server.port)
    assert server.answered.wait(WAIT_S)
    assert server.paths == ["/execution/health"] * 3 + ["/api/v2/monitor/health"]


def test_waits_for_a_server_that_is_not_there_yet(serve, free_port):
    warm_up.install(True, free_port)
    (thread,) = threads()
    thread.join(0.2)
    assert thread.is_alive()
    server = serve(free_port)
    assert server.answered.wait(WAIT_S)


def test_keeps_nobody_from_ending(free_port, monkeypatch):
    monkeypatch.setattr(warm_up, "PATIENCE_S", 0.3)
    warm_up.install(True, free_port)
    (thread,) = threads()
    assert thread.daemon
    thread.join(WAIT_S)
    assert not thread.is_alive()


def test_takes_no_proxy(serve, monkeypatch):
    server = serve()
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    # It keeps the proxies it found at its first request.
    monkeypatch.setattr(urllib.request, "_opener", None)
    warm_up.install(True, server.port)
    assert server.answered.wait(WAIT_S)


def test_off_asks_nothing():
    warm_up.install(False, 1)
    assert threads() == []


@pytest.mark.image
def test_airflow_answers_both_paths(apis):
    stock, deferred = apis
    for path in warm_up.PATHS:
        assert stock["answers"][f"GET {path}"][0] == deferred["answers"][f"GET {path}"][0] == 200
