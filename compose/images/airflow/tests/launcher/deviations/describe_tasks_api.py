"""python describe_tasks_api.py ANSWER stock|newest: the API that tasks use, as its clients of several versions see it."""

import json
import os
import sys

answer, whose = sys.argv[1:]
os.environ["AIRFLOW__API_AUTH__JWT_SECRET"] = "x" * 64
os.environ["AIRFLOW__CORE__FERNET_KEY"] = ""

from stack_launcher.deviations import newest  # noqa: E402

newest.install(whose == "newest")

from airflow import settings  # noqa: E402
from airflow.api_fastapi.execution_api import app as execution  # noqa: E402
from airflow.api_fastapi.execution_api.versions import bundle  # noqa: E402
from airflow.models import import_all_models  # noqa: E402
from airflow.models.base import Base  # noqa: E402
from starlette.applications import Starlette  # noqa: E402
from starlette.routing import Mount  # noqa: E402
from starlette.testclient import TestClient  # noqa: E402

import_all_models()
Base.metadata.create_all(settings.engine)

TASK = "/task-instances/00000000-0000-0000-0000-000000000001"
VERSIONS = [str(one.value) for one in bundle.versions]
LATER = "2999-01-01"
ASKED = [None, VERSIONS[0], LATER, VERSIONS[1], VERSIONS[-1], "nonsense", None, VERSIONS[0]]
REQUESTS = [
    ("GET", "/health", None),
    ("GET", "/variables/none", None),
    ("PUT", "/variables/size", {"value": 1}),
    ("PUT", "/variables/size", {"value": "large"}),
    ("GET", "/variables/size", None),
    ("GET", "/connections/none", None),
    ("GET", "/dag-runs/count?dag_id=none", None),
    ("GET", "/dag-runs/none/previous?logical_date=2026-01-01T00:00:00Z", None),
    ("PATCH", f"{TASK}/run", {}),
    ("PATCH", f"{TASK}/state", {"state": "sideways"}),
    ("PUT", f"{TASK}/heartbeat", {"hostname": "here", "pid": 1}),
    ("GET", "/nothing", None),
]



def mounted(api):
    """As the API server has it, which takes care of its lifespan."""
    return Starlette(routes=[Mount("/execution", api)], lifespan=lambda _: api.router.lifespan_context(api))


app = execution.InProcessExecutionAPI().app
told, is_whole = [], []
with TestClient(mounted(app), raise_server_exceptions=False) as client:
    for version in ASKED:
        headers = {} if version is None else {"Airflow-API-Version": version}
        for method, path, body in REQUESTS:
            response = client.request(method, f"/execution{path}", json=body, headers=headers)
            said = response.headers.get("Airflow-API-Version")
            told.append([version, f"{method} {path}", response.status_code, response.text, said])
        is_whole.append(app._cadwyn_initialized)
    documents = {version: client.get(f"/execution/openapi.json?version={version}").text for version in VERSIONS}

alone = newest._only_newest(newest.stock_factory(), (), {})
with TestClient(mounted(alone)) as client:
    documents["alone"] = client.get(f"/execution/openapi.json?version={VERSIONS[0]}").text

with open(answer, "w") as file:
    json.dump({"told": told, "is_whole": is_whole, "documents": documents, "newest": VERSIONS[0]}, file)
