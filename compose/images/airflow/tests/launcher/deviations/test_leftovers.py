from datetime import timedelta

import pytest
from sqlite_like_postgres import START, Database, text
from stack_launcher.deviations.leftovers import mark_failed

COLUMNS = "id, job_type, state, hostname, start_date, end_date"


@pytest.fixture
def database():
    made = Database()
    made.sqlite.execute(f"create table job ({COLUMNS})")
    return made


def add(database, number, job_type="SchedulerJob", state="running", hostname="airflow", age_s=60):
    started = text(START - timedelta(seconds=age_s))
    row = (number, job_type, state, hostname, started, None)
    database.sqlite.execute(f"insert into job ({COLUMNS}) values (?, ?, ?, ?, ?, ?)", row)


def test_a_dead_scheduler_of_this_host_has_failed(database):
    add(database, 1)
    add(database, 2, age_s=3600)
    assert mark_failed(database, "airflow", START.timestamp()) == 2
    assert database.states() == {1: "failed", 2: "failed"}


@pytest.mark.parametrize(
    "other",
    [
        {"job_type": "TriggererJob"},
        {"job_type": "DagProcessorJob"},
        {"state": "success"},
        {"hostname": "elsewhere"},
        {"age_s": -1},
        {"age_s": 0},
    ],
)
def test_all_others_are_left_alone(database, other):
    add(database, 1, **other)
    assert mark_failed(database, "airflow", START.timestamp()) == 0
    assert database.states() == {1: other.get("state", "running")}


@pytest.mark.image
def test_leaves_what_airflow_itself_would_have_left(python):
    """Airflow runs its own look for the dead on one database, and this one on another: all columns are the same."""
    stock, ours = python.run_both("mark_dead_schedulers.py", ["stock"], ["ours"])
    assert stock == ours
    assert [row["state"] for row in ours] == ["failed", "running", "running", "success"]


@pytest.mark.image
def test_names_are_airflows():
    from airflow.jobs.job import Job, JobState
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    assert Job.__tablename__ == "job"
    assert {"job_type", "state", "hostname", "start_date"} <= set(Job.__table__.columns.keys())
    assert (JobState.RUNNING.value, JobState.FAILED.value) == ("running", "failed")
    assert SchedulerJobRunner.job_type == "SchedulerJob"
