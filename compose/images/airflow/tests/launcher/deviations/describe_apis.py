"""python describe_apis.py ANSWER stock|deferred: all that can be seen of Airflow's APIs from outside.

Their documents, their routes, and their answers to requests, with somebody logged in and without.
"""

import json
import os
import re
import sys

answer, whose = sys.argv[1:]
os.environ["AIRFLOW__API_AUTH__JWT_SECRET"] = "x" * 64
os.environ["AIRFLOW__CORE__FERNET_KEY"] = ""
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"

from stack_launcher.deviations import routes  # noqa: E402

routes.install(whose == "deferred")

from airflow import settings  # noqa: E402
from airflow.api_fastapi.app import create_app  # noqa: E402
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser  # noqa: E402
from airflow.api_fastapi.core_api.security import get_user  # noqa: E402
from airflow.api_fastapi.execution_api.app import InProcessExecutionAPI  # noqa: E402
from airflow.api_fastapi.execution_api.versions import bundle  # noqa: E402
from airflow.models import import_all_models  # noqa: E402
from airflow.models.base import Base  # noqa: E402
from fastapi.routing import APIRoute  # noqa: E402
from starlette.testclient import TestClient  # noqa: E402

import_all_models()
Base.metadata.create_all(settings.engine)

TASK = "/execution/task-instances/00000000-0000-0000-0000-000000000001"
VERSIONS = [str(one.value) for one in bundle.versions]
STRANGER = [
    ("GET", "/api/v2/version", None),
    ("GET", "/api/v2/monitor/health", None),
    ("GET", "/api/v2/dags", None),
    ("GET", "/api/v2/nothing", None),
    ("PUT", "/api/v2/dags", None),
    ("POST", "/auth/token", {"username": "admin"}),
    ("POST", "/auth/token", {"username": "admin", "password": "wrong"}),
    ("GET", "/execution/health", None),
    ("GET", "/execution/variables/colour", None),
    ("PATCH", f"{TASK}/run", {}),
    ("GET", "/execution/nothing", None),
]
ADMIN = [
    ("GET", "/api/v2/dags?limit=many", None),
    ("GET", "/api/v2/dags?limit=5&order_by=dag_id", None),
    ("GET", "/api/v2/dags/none", None),
    ("POST", "/api/v2/variables", {"value": 1}),
    ("POST", "/api/v2/variables", {"key": "colour", "value": "red", "extra": 1}),
    ("POST", "/api/v2/variables", {"key": "colour", "value": "red"}),
    ("POST", "/api/v2/variables", {"key": "colour", "value": "red"}),
    ("GET", "/api/v2/variables/colour", None),
    ("PATCH", "/api/v2/variables/colour?update_mask=value", {"key": "colour", "value": "blue"}),
    ("PATCH", "/api/v2/variables", {"actions": "burn"}),
    ("POST", "/api/v2/pools", {"name": "small", "slots": "few"}),
    ("POST", "/api/v2/pools", {"name": "small", "slots": 2}),
    ("GET", "/api/v2/pools", None),
    ("DELETE", "/api/v2/variables/colour", None),
    ("GET", "/ui/config", None),
    ("GET", "/ui/grid/structure/none", None),
]
TASKS = [
    ("GET", "/variables/none", None),
    ("PUT", "/variables/size", {"value": 1}),
    ("PUT", "/variables/size", {"value": "large"}),
    ("GET", "/variables/size", None),
    ("GET", "/connections/none", None),
    ("PATCH", f"{TASK.removeprefix('/execution')}/state", {"state": "sideways"}),
    ("PUT", f"{TASK.removeprefix('/execution')}/heartbeat", {"hostname": "here"}),
]


def routes_of(app):
    """Of this application and all that are mounted in it or kept by version."""
    apps = [app]
    while apps:
        one = apps.pop(0)
        for route in getattr(one, "routes", []):
            told = [getattr(route, "path", ""), sorted(getattr(route, "methods", None) or []), getattr(route, "name", "")]
            yield [*told, describe(route)] if isinstance(route, APIRoute) else told
            apps += [route.app] if hasattr(route, "app") and not isinstance(route, APIRoute) else []
        versioned = getattr(getattr(one, "router", None), "versioned_routers", {})
        apps += list(versioned.values())


def describe(route):
    return {
        "depends": [getattr(one.call, "__qualname__", "") for one in route.dependant.dependencies],
        "flat": sorted(one.name for one in route._flat_dependant.query_params),
        "body": words(route.body_field),
        "embeds": route._embed_body_fields,
        "answer": words(route.response_field),
        "answers": sorted(str(status) for status in route.response_fields),
        "streams": [route.is_json_stream, route.is_sse_stream],
    }


def words(field):
    """Without the addresses of functions."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(field and field.field_info.annotation))


def ask(client, requests, told, headers=None):
    for method, path, body in requests:
        response = client.request(method, path, json=body, headers=headers)
        key = f"{method} {path}"
        while key in told:
            key += " again"
        told[key] = [response.status_code, response.text]


def told_by_tasks_api(*versions):
    """Of the API that tasks use, with somebody in the place of its own look at tokens."""
    told = {version: {} for version in versions}
    with TestClient(InProcessExecutionAPI().app, raise_server_exceptions=False) as client:
        for version, answers in told.items():
            ask(client, TASKS, answers, {"Airflow-API-Version": version})
    return told


app = create_app()
execution = next(one.app for one in app.routes if getattr(one, "path", "") == "/execution")
pending = sum(routes.WAITING in vars(one) for one in app.routes)
answers = {}
with TestClient(app, raise_server_exceptions=False) as client:
    ask(client, STRANGER, answers)
    app.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username="admin", role="admin")
    ask(client, ADMIN, answers)
    documents = {"core": json.dumps(app.openapi()), "auth": client.get("/auth/openapi.json").text}
    for version in VERSIONS:
        documents[version] = client.get(f"/execution/openapi.json?version={version}").text

told = {
    "pending": pending,
    "documents": documents,
    "answers": answers,
    "tasks": told_by_tasks_api(VERSIONS[0], VERSIONS[-1]),
    "routes": list(routes_of(app)),
}
with open(answer, "w") as file:
    json.dump(told, file)
sys.stdout.flush()
# Some libraries leave threads that an interpreter would wait for at its end.
os._exit(0)
