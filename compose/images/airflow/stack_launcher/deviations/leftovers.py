"""Marks the job of a scheduler that is known to be dead as failed, because Airflow would find that out after half a
minute, and look after the tasks that it left in five.

Airflow does the same as soon as a job has been silent for `scheduler_health_check_threshold`; what then becomes of
the tasks is left to the new scheduler. Switch: LEFTOVERS.
"""

from __future__ import annotations

from typing import Any

MARK_FAILED = """
update job set state = 'failed'
where job_type = 'SchedulerJob' and state = 'running' and hostname = %s and start_date < to_timestamp(%s)
"""


def mark_failed(connection: Any, hostname: str, before: float) -> int:
    """Jobs of this host that began before that moment, of which nothing lives any more; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_FAILED, (hostname, before))
        return int(cursor.rowcount)
