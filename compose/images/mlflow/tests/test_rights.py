from types import SimpleNamespace

import pytest
from stack_mlflow.rights import trusting

DATA = ["experiments/create", "runs/log-batch", "metrics/get-history", "logged-models/m-1", "registered-models/alias"]
OTHERS = [
    "/",
    "/signup",
    "/get-artifact",
    "/graphql",
    "/api/2.0/mlflow/users/create",
    "/api/2.0/mlflow/users/update-admin",
    "/api/3.0/mlflow/roles/create",
    "/api/2.0/mlflow/webhooks",
    "/api/2.0/mlflow/experiments/permissions/create",
    "/ajax-api/2.0/mlflow/registered-models/permissions",
    "/api/2.0/mlflow/gateway/budgets",
    "/x/api/2.0/mlflow/runs/create",
]


def asked(path, user="mlflow", stock=False):
    """The answer, and whether MLflow was asked for it."""
    questions = []

    def sender_is_admin():
        questions.append(path)
        return stock

    auth = SimpleNamespace(sender_is_admin=sender_is_admin, authenticate_request=lambda: SimpleNamespace(username=user))
    return trusting(auth, "mlflow", lambda: path)(), bool(questions)


@pytest.mark.parametrize("path", DATA)
@pytest.mark.parametrize("api", ["/api/2.0", "/ajax-api/2.0", "/api/3.0"])
def test_the_user_of_tasks_is_not_asked_about(api, path):
    assert asked(f"{api}/mlflow/{path}") == (True, False)


@pytest.mark.parametrize("path", OTHERS)
def test_what_is_an_administrators_is_asked_about(path):
    assert asked(path) == (False, True)


@pytest.mark.parametrize("is_admin", [True, False])
def test_every_other_user_is_asked_about(is_admin):
    assert asked("/api/2.0/mlflow/runs/create", "admin", is_admin) == (is_admin, True)


def test_nobody_is_trusted_before_he_has_logged_in():
    refused = SimpleNamespace(status_code=401)

    class Auth:
        sender_is_admin = staticmethod(lambda: False)
        authenticate_request = staticmethod(lambda: refused)

    with pytest.raises(AttributeError):
        trusting(Auth, "mlflow", lambda: "/api/2.0/mlflow/runs/create")()
