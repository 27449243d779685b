"""A DAG whose file is saved again while the stack runs."""

from airflow.sdk import dag, task


@dag(schedule=None, description="as it was first", tags=["bench"])
def bench_edited():
    @task
    def hello():
        print("hello")

    hello()


bench_edited()
