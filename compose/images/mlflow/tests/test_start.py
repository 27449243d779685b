import json

from stack_mlflow.database import DatabaseWait, is_waited_for, plain_uri
from stack_mlflow.status import Timeline


def test_only_postgresql_is_waited_for():
    assert is_waited_for("postgresql+psycopg2://postgres/mlflow")
    assert is_waited_for("postgresql://postgres/mlflow")
    assert not is_waited_for("sqlite:////tmp/mlflow.db")
    wait = DatabaseWait("sqlite:////tmp/mlflow.db")
    wait.start()
    wait.join(5)
    assert wait.ready_at > 0


def test_the_client_library_gets_no_driver_name():
    assert plain_uri("postgresql+psycopg2://u:p@h/d") == "postgresql://u:p@h/d"
    assert plain_uri("postgresql://u:p@h/d") == "postgresql://u:p@h/d"


def test_the_status_file_follows_each_part_of_the_start(tmp_path):
    folder = tmp_path / "stack"
    timeline = Timeline(1000.0, folder)
    assert json.loads((folder / "status.json").read_text()) == {"started_at": "1970-01-01T00:16:40Z", "timeline": []}
    timeline.add("import", 1000.0, 1001.5)
    timeline.add("stores", 1001.5, 1001.75)
    assert json.loads((folder / "status.json").read_text())["timeline"] == [
        {"name": "import", "start_ms": 0, "end_ms": 1500},
        {"name": "stores", "start_ms": 1500, "end_ms": 1750},
    ]
    assert [path.name for path in folder.iterdir()] == ["status.json"]
