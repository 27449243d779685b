"""A real LocalExecutor with its own workers and with those of a nursery: see run_executor.py."""

import pytest

pytestmark = pytest.mark.image

SAME = ("events", "unread", "ran", "left")


@pytest.fixture(scope="module")
def runs(python):
    return python.run_both("run_executor.py", ["stock"], ["nursery"])


def test_work_has_the_same_end(runs):
    stock, nursery = runs
    assert {name: stock[name] for name in SAME} == {name: nursery[name] for name in SAME}
    assert stock["events"] == {
        "one": "success",
        "two": "success",
        "three": "success",
        "four": "success",
        "fail": "failed",
        # Nobody is left to tell of these; Airflow finds out by their heartbeats.
        "die 1": "running",
        "die 2": "running",
    }
    assert (stock["unread"], stock["left"]) == (0, [])


def test_it_is_done_by_processes_forked_from_the_nursery(runs):
    stock, nursery = runs
    assert stock["workers_are_children"]
    assert stock["parents"] == []
    assert not nursery["workers_are_children"]
    assert nursery["parents"] == nursery["nurseries"]
    assert len(nursery["nurseries"]) == 1


def test_the_end_takes_no_longer(runs):
    assert all(run["ended_s"] < 3 for run in runs)


def test_the_end_comes_even_after_a_nursery_was_lost(python):
    """The workers of the lost one live on, and take closing messages that were meant for others."""
    run = python.run("run_executor.py", "nursery", SCENARIO="lose-nursery")
    assert len(run["parents"]) >= 2
    assert {run["events"][name] for name in ("five", "six", "seven")} == {"success"}
    assert run["ended_s"] < 10
