"""With the libraries that the image has, beside an Airflow that is there before them, as in a nursery."""

import pytest

pytestmark = pytest.mark.image


@pytest.fixture(scope="module")
def imported(python):
    return python.run_both("import_libraries.py", ["plain"], ["preloaded"])


def test_all_are_there_ahead(imported):
    _, preloaded = imported
    assert all(preloaded["has"])
    assert "is not imported ahead" not in preloaded["output"]
    assert preloaded["collects"]


def test_no_module_of_airflows_is_lost(imported):
    _, preloaded = imported
    assert preloaded["lost"] == []


def test_skops_trusts_the_same_types(imported):
    plain, preloaded = imported
    assert sum(len(names) for names in plain["trusted"].values()) > 100
    assert plain["trusted"] == preloaded["trusted"]


def test_tasks_draw_numbers_of_their_own(imported):
    """Two workers with two tasks each."""
    plain, preloaded = imported
    assert len(set(preloaded["drawn"])) == 4
    # Not by chance: without being seeded anew, all would draw the same.
    assert len(set(plain["drawn"])) == 1


def test_what_a_task_forks_shares_the_tasks_numbers_as_anywhere(imported):
    for run in imported:
        first, second = run["of a task and two that it forked"]
        assert first == second


def test_mlflow_writes_down_the_same_model(python):
    plain, preloaded = python.run_both("save_model.py", ["plain"], ["preloaded"])
    assert plain == preloaded
    requirements = plain["files"]["requirements.txt"]
    assert "scikit-learn==" in requirements
    assert "mlflow" in requirements
    assert "airflow" not in requirements
    assert plain["answers"] == [1.0, 5.0, 9.0, 13.0, 17.0, 21.0]
