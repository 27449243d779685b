import pytest
from stack_launcher.settings import SettingsError, read_settings

URL = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://airflow:pw@postgres/airflow"}


def test_defaults():
    settings = read_settings(URL)
    assert settings.stop_limit_s == 8.0
    assert str(settings.folder) == "/tmp/stack"


def test_the_limit_can_be_set():
    assert read_settings({**URL, "STACK_STOP_LIMIT": "2.5"}).stop_limit_s == 2.5


@pytest.mark.parametrize("limit", ["0", "-1", "soon", "", "inf", "nan"])
def test_a_limit_that_is_none_is_refused_by_name(limit):
    with pytest.raises(SettingsError, match="STACK_STOP_LIMIT.*" + (limit or "''")):
        read_settings({**URL, "STACK_STOP_LIMIT": limit})


@pytest.mark.parametrize("url", ["", "sqlite:////tmp/a.db"])
def test_only_postgresql_will_do(url):
    with pytest.raises(SettingsError, match="SQL_ALCHEMY_CONN must be"):
        read_settings({"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url})
