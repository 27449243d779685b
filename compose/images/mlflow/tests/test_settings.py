import pytest
from stack_mlflow import stock
from stack_mlflow.settings import Settings, needs_stock, server_environment

PLAIN = {
    "MLFLOW_BACKEND_STORE_URI": "postgresql+psycopg2://user:word@postgres/mlflow",
    "MLFLOW_ARTIFACTS_DESTINATION": "s3://bucket",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}


def test_reads_the_settings_and_serves_everywhere_on_port_5000():
    settings = Settings.read(PLAIN)
    assert settings.registry_store_uri == settings.backend_store_uri == PLAIN["MLFLOW_BACKEND_STORE_URI"]
    assert settings.artifacts_destination == "s3://bucket"
    assert settings.default_artifact_root == "mlflow-artifacts:/"
    assert (settings.host, settings.port) == ("0.0.0.0", 5000)


def test_the_plain_settings_need_no_stock_server():
    assert needs_stock(PLAIN) is None
    assert needs_stock({**PLAIN, "MLFLOW_ENABLE_WORKSPACES": "false", "MLFLOW_WORKERS": "1"}) is None


@pytest.mark.parametrize(
    "name, value",
    [
        ("MLFLOW_ENABLE_WORKSPACES", "true"),
        ("MLFLOW_GUNICORN_OPTS", "--timeout 60"),
        ("MLFLOW_STATIC_PREFIX", "/mlflow"),
        ("MLFLOW_WORKERS", "4"),
        ("MLFLOW_SERVE_ARTIFACTS", "false"),
        ("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "true"),
        ("MLFLOW_BACKEND_STORE_URI", ""),
    ],
)
def test_other_settings_are_left_to_the_stock_server(name, value):
    assert name in (needs_stock({**PLAIN, name: value}) or "")


def test_jobs_are_on_unless_switched_off():
    without = {name: value for name, value in PLAIN.items() if name != "MLFLOW_SERVER_ENABLE_JOB_EXECUTION"}
    assert needs_stock(without) == "MLFLOW_SERVER_ENABLE_JOB_EXECUTION"


def test_another_version_the_switch_and_arguments_lead_to_the_stock_server(monkeypatch):
    monkeypatch.setattr(stock, "version", lambda _: stock.TESTED_VERSION)
    assert stock.reason_for_stock(PLAIN, []) is None
    assert "off" in (stock.reason_for_stock({**PLAIN, stock.SWITCH: "off"}, []) or "")
    assert "arguments" in (stock.reason_for_stock(PLAIN, ["--app-name=basic-auth"]) or "")
    monkeypatch.setattr(stock, "version", lambda _: "3.18.0")
    assert "3.18.0" in (stock.reason_for_stock(PLAIN, []) or "")


def test_the_stock_command_has_the_same_address_and_artifacts():
    command = stock.stock_command(Settings.read(PLAIN), PLAIN, ["--app-name=basic-auth"])
    assert command == [
        "mlflow",
        "server",
        "--host=0.0.0.0",
        "--port=5000",
        "--workers=1",
        "--artifacts-destination=s3://bucket",
        "--app-name=basic-auth",
    ]


def test_the_server_learns_where_everything_is():
    environment = server_environment(Settings.read(PLAIN), "boot")
    assert environment["_MLFLOW_SERVER_FILE_STORE"] == PLAIN["MLFLOW_BACKEND_STORE_URI"]
    assert environment["_MLFLOW_SERVER_ARTIFACT_DESTINATION"] == "s3://bucket"
    assert environment["_MLFLOW_SERVER_BOOT_ID"] == "boot"
