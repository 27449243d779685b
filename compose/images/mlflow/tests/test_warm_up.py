import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from stack_mlflow import warm_up
from stack_mlflow.logins import User

USERS = (User("admin", "p1", is_admin=True), User("mlflow", "p2", is_admin=False))


class Server(HTTPServer):
    """Notes what it is asked, and answers every time with the same status."""

    def __init__(self, status=200):
        self.asked = []
        self.status = status
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, self.headers.get("Authorization"), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(params=[200, 403])
def server(request):
    with Server(request.param) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def warmed(server, users, **environment):
    thread = warm_up.install(environment, server.server_address[1], users)
    assert thread
    thread.join(10)
    assert not thread.is_alive()
    return server.asked


def test_each_user_looks_for_an_experiment(server):
    body = b'{"max_results": 1}'
    assert warmed(server, USERS) == [
        (warm_up.PATH, "Basic YWRtaW46cDE=", body),
        (warm_up.PATH, "Basic bWxmbG93OnAy", body),
    ]


def test_without_logins_somebody_does(server):
    assert warmed(server, ()) == [(warm_up.PATH, None, b'{"max_results": 1}')]


def test_a_server_that_is_gone_is_no_failure():
    with Server() as gone:
        pass
    assert warmed(gone, USERS) == []


@pytest.mark.parametrize("value", ["off", "False", "0", "no"])
def test_one_switch_turns_it_off(value):
    assert warm_up.install({warm_up.SWITCH: value}, 1, USERS) is None
