import stat
from configparser import ConfigParser

import pytest
from stack_mlflow.logins import Logins, User, configure, set_user, uri_of_users

ENVIRONMENT = {
    "MLFLOW_BACKEND_STORE_URI": "postgresql+psycopg2://user:wo%25rd@postgres/mlflow",
    "STACK_MLFLOW_AUTH": "basic",
    "MLFLOW_AUTH_ADMIN_USERNAME": "admin",
    "MLFLOW_AUTH_ADMIN_PASSWORD": "of-admin",
    "STACK_MLFLOW_TASKS_USERNAME": "mlflow",
    "STACK_MLFLOW_TASKS_PASSWORD": "of-tasks",
}


def test_nobody_has_to_log_in_unless_it_is_switched_on():
    assert Logins.read({}) is None
    assert Logins.read({**ENVIRONMENT, "STACK_MLFLOW_AUTH": "none"}) is None


def test_the_environment_names_the_users():
    logins = Logins.read(ENVIRONMENT)
    assert logins is not None
    assert logins.admin == User("admin", "of-admin", is_admin=True)
    assert logins.tasks == User("mlflow", "of-tasks", is_admin=False)


def test_a_user_without_a_password_is_refused():
    without = {name: value for name, value in ENVIRONMENT.items() if name != "STACK_MLFLOW_TASKS_PASSWORD"}
    with pytest.raises(KeyError, match="STACK_MLFLOW_TASKS_PASSWORD"):
        Logins.read(without)


def test_users_have_a_schema_of_their_own_in_postgresql():
    assert uri_of_users("postgresql://u:p@h/d") == "postgresql://u:p@h/d?options=-csearch_path=logins"
    assert uri_of_users("postgresql://h/d?sslmode=require").endswith("?sslmode=require&options=-csearch_path=logins")
    assert uri_of_users("sqlite:////tmp/mlflow.db") == "sqlite:////tmp/mlflow.db"


def test_the_configuration_is_what_mlflow_reads_and_nobody_else(tmp_path):
    logins = Logins.read(ENVIRONMENT)
    assert logins is not None
    for _ in range(2):  # A container that is started again finds the file of before.
        environment = configure(logins, tmp_path)
    file = tmp_path / "basic_auth.ini"
    assert environment["MLFLOW_AUTH_CONFIG_PATH"] == str(file)
    assert len(environment["MLFLOW_FLASK_SERVER_SECRET_KEY"]) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    config = ConfigParser()
    config.read(file)
    assert config["mlflow"]["database_uri"] == uri_of_users(ENVIRONMENT["MLFLOW_BACKEND_STORE_URI"])
    assert config["mlflow"].getint("auth_cache_ttl_seconds") == 3600


class Store:
    """Passwords in the open, and how often one was written."""

    def __init__(self):
        self.users = {}
        self.writes = 0

    def has_user(self, name):
        return name in self.users

    def authenticate_user(self, name, password):
        return self.users[name] == password

    def create_user(self, name, password, is_admin):
        self.users[name] = password
        self.writes += 1

    def update_user(self, name, password):
        self.create_user(name, password, False)


def test_a_user_is_made_left_alone_and_given_a_new_password():
    store = Store()
    for password, writes in (("one", 1), ("one", 1), ("two", 2)):
        set_user(store, User("mlflow", password, is_admin=False))
        assert store.users == {"mlflow": password}
        assert store.writes == writes
