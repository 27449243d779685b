import pytest
from stack_launcher.deviations import newest

HEADER, NEWEST = b"airflow-api-version", b"2026-06-30"


def scope(*headers, path="/variables/colour", kind="http"):
    return {"type": kind, "path": path, "headers": list(headers)}


@pytest.mark.parametrize(
    ("asked", "is_for_newest"),
    [
        (scope(), True),
        (scope((HEADER, NEWEST)), True),
        (scope((b"accept", b"*/*"), (HEADER, NEWEST)), True),
        (scope((HEADER, b"2025-04-28")), False),
        (scope((HEADER, NEWEST), (HEADER, b"2025-04-28")), False),
        (scope(path="/execution/openapi.json"), False),
        (scope(path="/execution/docs"), False),
        (scope(kind="lifespan"), False),
        (scope(kind="websocket"), False),
    ],
)
def test_the_short_way_is_for_the_newest_version_alone(asked, is_for_newest):
    assert newest._is_for_newest(asked, HEADER, NEWEST) is is_for_newest


def test_nothing_is_done_when_it_is_off(monkeypatch):
    monkeypatch.setattr(newest, "newest_first", None)
    # With Airflow not even imported.
    newest.install(False)
