import multiprocessing
import threading
import time
from types import SimpleNamespace

import pytest
from stack_launcher.deviations import rounds
from stack_launcher.deviations.rounds import end_rests_early

LONG_S = 30.0
SHORT_S = 0.2


def new_runner_class():
    class Runner:
        """What of Airflow's scheduler has to do with its rests."""

        def __init__(self, rest, *queues):
            self._scheduler_idle_sleep_time = rest
            self.executors = [SimpleNamespace(result_queue=queue) for queue in queues]

        def take_rest(self):
            started = time.monotonic()
            time.sleep(self._scheduler_idle_sleep_time)
            return time.monotonic() - started

    return Runner


@pytest.fixture
def runner_class():
    made = new_runner_class()
    end_rests_early(made)
    return made


@pytest.fixture
def queue():
    made = multiprocessing.SimpleQueue()
    yield made
    made.close()


def test_a_rest_without_a_result_is_as_long_as_it_is_set_to_be(runner_class, queue):
    assert SHORT_S <= runner_class(SHORT_S, queue).take_rest() < LONG_S / 2


def test_a_result_ends_the_rest(runner_class, queue):
    threading.Timer(SHORT_S, queue.put, [("task", "success", None)]).start()
    assert runner_class(LONG_S, queue).take_rest() < LONG_S / 2
    assert queue.get() == ("task", "success", None)


def test_a_result_that_is_there_leaves_no_rest(runner_class, queue):
    queue.put(("task", "success", None))
    assert runner_class(LONG_S, queue).take_rest() < LONG_S / 2


def test_a_result_of_any_executor_counts(runner_class, queue):
    other = multiprocessing.SimpleQueue()
    queue.put(("task", "success", None))
    assert runner_class(LONG_S, other, queue).take_rest() < LONG_S / 2
    other.close()


def test_rests_as_ever_beside_an_executor_without_such_a_queue(runner_class, queue):
    queue.put(("task", "success", None))
    assert runner_class(SHORT_S, queue, None).take_rest() >= SHORT_S


@pytest.mark.parametrize(("is_on", "patched"), [(True, True), (False, False)])
def test_is_installed_when_on(stand_in_job, is_on, patched):
    module = stand_in_job("scheduler_job_runner", SchedulerJobRunner=new_runner_class())
    rounds.install(is_on)
    assert ("_scheduler_idle_sleep_time" in vars(module.SchedulerJobRunner)) is patched


@pytest.mark.image
def test_airflows_scheduler_looks_there_before_each_rest():
    from airflow.executors.local_executor import LocalExecutor
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    assert rounds.REST in SchedulerJobRunner._run_scheduler_loop.__code__.co_names
    assert "result_queue" in LocalExecutor._read_results.__code__.co_names
