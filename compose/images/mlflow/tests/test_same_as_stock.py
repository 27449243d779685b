"""Compares with MLflow's own command line; runs only where both are installed, which is in the image."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import closing, contextmanager

import pytest

if shutil.which("stack-mlflow") is None or shutil.which("mlflow") is None:
    pytest.skip("not in the image", allow_module_level=True)

from stack_mlflow.logins import Logins, configure
from stack_mlflow.settings import Settings, server_environment

# Prints the environment that `mlflow server` gives to the process that serves, instead of starting it.
CAPTURE = """
import json, os, sys
import mlflow.server
def capture(command, extra_env, **_):
    print("ENVIRONMENT", json.dumps({**os.environ, **extra_env}), flush=True)
    os._exit(0)
mlflow.server._exec_cmd = capture
from mlflow.cli import cli
cli(sys.argv[1:])
"""
PLAIN_APP = "import uvicorn\nfrom mlflow.server.fastapi_app import app\n"
APP_WITH_LOGINS = "import uvicorn\nfrom mlflow.server.auth import create_app\napp = create_app()\n"
DESCRIBE = """
import json
from mlflow.server import app as flask_app
print("APP", json.dumps({
    "routes": [[type(route).__name__, getattr(route, "path", ""), sorted(getattr(route, "methods", None) or [])] for route in app.routes],
    "flask": sorted([rule.rule, sorted(rule.methods), rule.endpoint] for rule in flask_app.url_map.iter_rules()),
    "middleware": [repr(one.cls) + repr(sorted(map(str, one.kwargs))) for one in app.user_middleware],
    "openapi": app.openapi(),
}))
"""


LOGINS = {
    "STACK_MLFLOW_AUTH": "basic",
    "MLFLOW_AUTH_ADMIN_USERNAME": "admin",
    "MLFLOW_AUTH_ADMIN_PASSWORD": "password-of-admin",
    "STACK_MLFLOW_TASKS_USERNAME": "mlflow",
    "STACK_MLFLOW_TASKS_PASSWORD": "password-of-tasks",
}


def environment_in(folder, port):
    folder.mkdir()
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "_MLFLOW_"))},
        "MLFLOW_BACKEND_STORE_URI": f"sqlite:///{folder}/mlflow.db",
        "MLFLOW_ARTIFACTS_DESTINATION": str(folder / "artifacts"),
        "MLFLOW_HOST": "127.0.0.1",
        "MLFLOW_PORT": str(port),
        "MLFLOW_WORKERS": "1",
        "MLFLOW_SERVER_ALLOWED_HOSTS": "localhost,localhost:*,127.0.0.1,127.0.0.1:*",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def said(label, script, environment, *arguments):
    run = subprocess.run(
        [sys.executable, "-c", script, *arguments], env=environment, capture_output=True, text=True, timeout=120
    )
    line = next((line for line in run.stdout.splitlines() if line.startswith(label + " ")), None)
    assert line, run.stderr
    return json.loads(line[len(label) + 1 :])


def test_the_server_gets_the_environment_of_the_stock_one_and_is_the_same_application(tmp_path):
    environment = environment_in(tmp_path / "one", 5000)
    theirs = said("ENVIRONMENT", CAPTURE, environment, "server")
    ours = {**environment, **server_environment(Settings.read(environment), theirs["_MLFLOW_SERVER_BOOT_ID"])}
    differing = {name for name in {*theirs, *ours} if theirs.get(name) != ours.get(name)}
    # These two are set when the stores are opened, which ours does later; the application reads neither when made.
    assert differing - {"MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"} == set()
    assert said("APP", PLAIN_APP + DESCRIBE, ours) == said("APP", PLAIN_APP + DESCRIBE, theirs)


def test_with_logins_they_are_the_same_as_well(tmp_path):
    environment = {**environment_in(tmp_path / "one", 5000), **LOGINS}
    environment |= configure(Logins.read(environment), tmp_path)
    theirs = said("ENVIRONMENT", CAPTURE, environment, "server", "--app-name=basic-auth")
    ours = {**environment, **server_environment(Settings.read(environment), theirs["_MLFLOW_SERVER_BOOT_ID"])}
    differing = {name for name in {*theirs, *ours} if theirs.get(name) != ours.get(name)}
    # The last one says that another process has made the administrator: here there is no other one.
    expected = {"MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "_MLFLOW_AUTH_ADMIN_BOOTSTRAPPED"}
    assert differing - expected == set()
    assert said("APP", APP_WITH_LOGINS + DESCRIBE, ours) == said("APP", APP_WITH_LOGINS + DESCRIBE, theirs)


class Running:
    def __init__(self, command, environment, log):
        self.url = f"http://127.0.0.1:{environment['MLFLOW_PORT']}"
        self._database = environment["MLFLOW_BACKEND_STORE_URI"].removeprefix("sqlite:///")
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, env=environment, cwd=log.parent, stdout=output, stderr=output)

    def ask(self, path, body=None, method=None, **headers):
        """The status, the headers that are not about time and size, and the body."""
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return self._answer(answer)
        except urllib.error.HTTPError as error:
            return self._answer(error)

    def _answer(self, answer):
        headers = {name.lower(): value for name, value in answer.headers.items()}
        for name in ("date", "last-modified", "etag", "content-length"):
            headers.pop(name, None)
        return answer.status, headers, answer.read()

    def wait(self):
        for _ in range(600):
            try:
                if self.ask("/health")[0] == 200:
                    return self
            except OSError:
                assert self.process.poll() is None, self._log.read_text()
            time.sleep(0.1)
        raise AssertionError(self._log.read_text())

    def wait_for_calls(self, line, count):
        for _ in range(200):
            if self._log.read_text().count(line) >= count:
                return
            time.sleep(0.1)
        raise AssertionError(self._log.read_text())

    def rows(self):
        """How many rows each table of the database has."""
        with closing(sqlite3.connect(self._database)) as database:
            names = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
            return {name: database.execute(f'select count(*) from "{name}"').fetchone()[0] for name in names}

    def stop(self):
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30), time.monotonic() - begin


@contextmanager
def running(tmp_path_factory, extra, *stock_arguments):
    """Ours and the stock server, each over a database of its own."""
    started = []
    for name, command in (("ours", ["stack-mlflow"]), ("stock", ["mlflow", "server", *stock_arguments])):
        folder = tmp_path_factory.mktemp(name) / "data"
        environment = {**environment_in(folder, free_port()), **extra}
        if extra and name == "stock":
            environment |= configure(Logins.read(environment), folder)
        started.append(Running(command, environment, folder / "log"))
    try:
        yield [one.wait() for one in started]
    finally:
        for one in started:
            if one.process.poll() is None:
                one.stop()


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    with running(tmp_path_factory, {}) as both:
        yield both


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "path, body, headers, status",
    [
        ("/health", None, {}, 200),
        ("/version", None, {}, 200),
        ("/", None, {}, 200),
        ("/api/3.0/mlflow/server-info", None, {}, None),
        ("/nowhere", None, {}, 404),
        ("/api/2.0/mlflow/runs/get?run_id=none", None, {}, 404),
        ("/api/2.0/mlflow/experiments/search", b"{}", JSON, 400),
        ("/api/2.0/mlflow/runs/get?run_id=none", None, {"Host": "evil.example"}, 403),
        ("/health", None, {"Host": "evil.example"}, 200),
        ("/api/2.0/mlflow/runs/get?run_id=none", None, {"Origin": "http://evil.example"}, 404),
    ],
)
def test_answers_are_those_of_the_stock_server(servers, path, body, headers, status):
    ours, stock = (one.ask(path, body, **headers) for one in servers)
    assert ours == stock
    assert status is None or ours[0] == status


def test_experiments_are_found(servers):
    def search(one):
        status, headers, body = one.ask("/api/2.0/mlflow/experiments/search", b'{"max_results": 5}', **JSON)
        found = json.loads(body)
        for experiment in found["experiments"]:
            for field in ("creation_time", "last_update_time"):
                experiment.pop(field)
        return status, headers, found

    ours, stock = map(search, servers)
    assert ours == stock
    assert ours[2]["experiments"][0]["artifact_location"] == "mlflow-artifacts:/0"


def test_artifacts_go_through_the_server(servers):
    path = "/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/some.txt"
    listing = "/api/2.0/mlflow-artifacts/artifacts?path=0/run/artifacts"
    ours, stock = (
        [
            one.ask(path, b"a model", "PUT"),
            one.ask(path),
            one.ask(listing),
            one.ask(path, method="DELETE"),
            one.ask(listing),
        ]
        for one in servers
    )
    assert ours == stock
    assert ours[1][0] == 200 and ours[1][2] == b"a model"


def test_the_status_file_tells_the_parts_of_the_start(servers):
    with open("/tmp/stack/status.json") as file:
        names = [phase["name"] for phase in json.load(file)["timeline"]]
    assert sorted(names) == ["database", "import", "serve", "stores"]


FIRST_CALL = '"POST /api/2.0/mlflow/experiments/search HTTP/1.1" 200'


@pytest.mark.parametrize(
    "extra, arguments, calls, besides",
    # The user of tasks is ours, and made before.
    [({}, [], 1, {}), (LOGINS, ["--app-name=basic-auth"], 2, {"users": 2})],
)
def test_after_the_first_calls_the_database_holds_what_it_does_of_the_stock_server(
    tmp_path_factory, extra, arguments, calls, besides
):
    with running(tmp_path_factory, extra, *arguments) as (ours, stock):
        ours.wait_for_calls(FIRST_CALL, calls)
        rows = ours.rows()
        assert rows == stock.rows() | besides
        assert rows["experiments"] == 1


def test_an_older_schema_is_refused_in_the_words_of_the_stock_server(tmp_path):
    outputs = []
    for name, command in (("ours", ["stack-mlflow"]), ("stock", ["mlflow", "server"])):
        environment = {**environment_in(tmp_path / name, free_port()), "STACK_MLFLOW_UPGRADE": "off"}
        older = (
            "import os; from sqlalchemy import create_engine, text\n"
            "from mlflow.store.db.utils import _initialize_tables\n"
            "engine = create_engine(os.environ['MLFLOW_BACKEND_STORE_URI'])\n"
            "_initialize_tables(engine)\n"
            "with engine.begin() as connection:\n"
            "    connection.execute(text(\"update alembic_version set version_num = '451aebb31d03'\"))\n"
        )
        subprocess.run([sys.executable, "-c", older], env=environment, check=True)
        run = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert run.returncode == 1, run.stderr
        outputs.append(next(line for line in run.stderr.splitlines() if "out-of-date database schema" in line))
    assert outputs[0].split("schema", 1)[1] == outputs[1].split("schema", 1)[1]


def test_a_stop_that_was_asked_for_is_no_failure_and_takes_a_second_at_most(servers):
    exit_status, seconds = servers[0].stop()
    assert exit_status == 0
    assert seconds < 1
    assert servers[1].stop()[0] == 0


@pytest.fixture(scope="module")
def servers_with_logins(tmp_path_factory):
    with running(tmp_path_factory, LOGINS, "--app-name=basic-auth") as both:
        yield both


def login(user, password):
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


ADMIN = login("admin", LOGINS["MLFLOW_AUTH_ADMIN_PASSWORD"])


@pytest.mark.parametrize(
    "path, body, headers, status",
    [
        ("/health", None, {}, 200),
        ("/", None, {}, 401),
        ("/", None, ADMIN, 200),
        ("/", None, login("admin", "wrong"), 401),
        ("/api/2.0/mlflow/runs/get?run_id=none", None, ADMIN, 404),
        ("/api/2.0/mlflow/runs/get?run_id=none", None, {**ADMIN, "Host": "evil.example"}, 403),
        ("/api/2.0/mlflow-artifacts/artifacts?path=0", None, {}, 401),
        ("/api/2.0/mlflow/users/get?username=nobody", None, ADMIN, 404),
        ("/api/2.0/mlflow/users/create", b"{}", JSON, 401),
    ],
)
def test_answers_to_logins_are_those_of_the_stock_server(servers_with_logins, path, body, headers, status):
    ours, stock = (one.ask(path, body, **headers) for one in servers_with_logins)
    assert ours == stock
    assert ours[0] == status


def test_the_users_of_tasks_may_do_what_everybody_could_but_make_users(servers_with_logins):
    ours = servers_with_logins[0]
    tasks = login("mlflow", LOGINS["STACK_MLFLOW_TASKS_PASSWORD"])
    made = ours.ask("/api/2.0/mlflow/experiments/create", b'{"name": "of-admin"}', **JSON, **ADMIN)
    assert made[0] == 200
    assert ours.ask("/api/2.0/mlflow/experiments/delete", made[2], **JSON, **tasks)[0] == 200
    user = b'{"username": "other", "password": "a-long-password"}'
    assert ours.ask("/api/2.0/mlflow/users/create", user, **JSON, **tasks)[0] == 403


TASKS = login("mlflow", LOGINS["STACK_MLFLOW_TASKS_PASSWORD"])


@pytest.fixture(scope="module")
def servers_with_tasks(servers_with_logins):
    """Both with the user of tasks, whom the stock server doesn't make by itself, and something that he may look at."""
    name, password = "mlflow", LOGINS["STACK_MLFLOW_TASKS_PASSWORD"]
    user = json.dumps({"username": name, "password": password}).encode()
    assert servers_with_logins[1].ask("/api/2.0/mlflow/users/create", user, **JSON, **ADMIN)[0] == 200
    for one in servers_with_logins:
        for path, body in (
            ("experiments/create", b'{"name": "of-tasks"}'),
            ("registered-models/create", b'{"name": "model"}'),
        ):
            assert one.ask(f"/api/2.0/mlflow/{path}", body, **JSON, **TASKS)[0] == 200
    return servers_with_logins


def compared(answer):
    """Without times and identifiers, which are each server's own."""
    status, _, body = answer
    try:
        return status, json.loads(body).get("error_code")
    except ValueError:
        return status, body


@pytest.mark.parametrize(
    "path, body, status",
    [
        ("experiments/get-by-name?experiment_name=nobodys", None, 404),
        ("experiments/get?experiment_id=77", None, 404),
        ("experiments/create", b'{"name": "of-tasks"}', 400),
        ("runs/get?run_id=none", None, 404),
        ("runs/log-metric", b'{"run_id": "none", "key": "a", "value": 1, "timestamp": 1}', 404),
        ("runs/search", b'{"experiment_ids": ["0"]}', 200),
        ("registered-models/get?name=nobodys", None, 404),
        ("registered-models/create", b'{"name": "model"}', 400),
        ("model-versions/search?max_results=5", None, 200),
    ],
)
def test_the_user_of_tasks_is_answered_about_data_as_who_may_see_it_all(servers_with_tasks, path, body, status):
    ours, stock = servers_with_tasks
    headers = JSON if body else {}
    answer = compared(ours.ask(f"/api/2.0/mlflow/{path}", body, **headers, **TASKS))
    assert answer == compared(stock.ask(f"/api/2.0/mlflow/{path}", body, **headers, **ADMIN))
    assert answer[0] == status


@pytest.mark.parametrize(
    "path, body, status",
    [
        ("2.0/mlflow/users/get?username=admin", None, 403),
        ("2.0/mlflow/users/list", None, 200),
        ("2.0/mlflow/users/update-admin", b'{"username": "mlflow", "is_admin": true}', 403),
        ("2.0/mlflow/webhooks", None, 403),
        ("3.0/mlflow/roles/create", b'{"name": "role", "workspace": "default"}', 403),
        ("3.0/mlflow/users/permissions/list?username=admin", None, 403),
    ],
)
def test_the_user_of_tasks_is_no_administrator(servers_with_tasks, path, body, status):
    headers = {**TASKS, **(JSON if body else {})}
    method = "PATCH" if "update-admin" in path else None
    ours, stock = (compared(one.ask(f"/api/{path}", body, method, **headers)) for one in servers_with_tasks)
    assert ours == stock
    assert ours[0] == status


def test_the_user_of_tasks_finds_the_same(servers_with_tasks):
    def names(one, path, body, key):
        found = json.loads(one.ask(f"/api/2.0/mlflow/{path}", body, **TASKS, **(JSON if body else {}))[2])
        return sorted(each["name"] for each in found[key])

    ours, stock = (
        [
            names(one, "experiments/search", b'{"max_results": 50}', "experiments"),
            names(one, "registered-models/search?max_results=50", None, "registered_models"),
        ]
        for one in servers_with_tasks
    )
    assert ours == stock
    assert "of-tasks" in ours[0]
    assert ours[1] == ["model"]
