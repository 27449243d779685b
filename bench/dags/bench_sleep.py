"""A task that is still running when the stack is stopped."""

from airflow.sdk import dag, task


@dag(schedule=None, tags=["bench"], default_args={"retries": 0})
def bench_sleep():
    @task
    def rest():
        import time

        time.sleep(900)

    rest()


bench_sleep()
