"""python mark_dead_schedulers.py ANSWER stock|ours: what the table of jobs holds after it was looked through.

Its first scheduler is dead; another one, a triggerer and a scheduler that ended well are to be left alone.
"""

import json
import sys
import time
from datetime import timedelta

answer, whose = sys.argv[1:]

from airflow import settings  # noqa: E402
from airflow.jobs.job import Job  # noqa: E402
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner  # noqa: E402
from airflow.models import import_all_models  # noqa: E402
from airflow.models.base import Base  # noqa: E402
from airflow.utils import timezone  # noqa: E402
from airflow.utils.session import create_session  # noqa: E402
from sqlalchemy import select  # noqa: E402
from stack_launcher.deviations.leftovers import mark_failed  # noqa: E402

import_all_models()
Base.metadata.create_all(settings.engine)

# Of the dead one, silent for longer than Airflow waits.
LONG_AGO = timezone.utcnow() - timedelta(hours=1)
LATER = timezone.utcnow() + timedelta(hours=1)


def add(number, job_type, state, moment, heartbeat):
    job = Job(job_type=job_type, state=state)
    job.id, job.start_date, job.latest_heartbeat, job.hostname = number, moment, heartbeat, "airflow"
    return job


with create_session() as session:
    session.add(add(1, "SchedulerJob", "running", LONG_AGO, LONG_AGO))
    session.add(add(2, "SchedulerJob", "running", LATER, LATER))
    session.add(add(3, "TriggererJob", "running", LONG_AGO, LONG_AGO))
    session.add(add(4, "SchedulerJob", "success", LONG_AGO, LONG_AGO))

if whose == "stock":
    SchedulerJobRunner(job=Job()).adopt_or_reset_orphaned_tasks()
else:
    from sqlite_like_postgres import Database

    mark_failed(Database(settings.engine.url.database), "airflow", time.time())

with create_session() as session:
    rows = session.execute(select(Job.__table__).order_by(Job.id)).mappings().all()
    started = {1: LONG_AGO, 2: LATER, 3: LONG_AGO, 4: LONG_AGO}
    assert all(row["start_date"] == started[row["id"]] for row in rows)
    told = [
        {"id": row["id"], "job_type": row["job_type"], "state": row["state"], "has_end": row["end_date"] is not None}
        for row in rows
    ]
with open(answer, "w") as file:
    json.dump(told, file)
