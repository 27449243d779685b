import signal
import sys
from types import SimpleNamespace

import pytest
from stack_launcher.deviations import trigger_end
from stack_launcher.deviations.trigger_end import end_at_once


def new_runner_class():
    class Runner:
        """What of Airflow's triggerer has to do with its end."""

        def __init__(self, trigger_runner):
            self.trigger_runner = trigger_runner

        def _exit_gracefully(self, signum, frame):
            if self.trigger_runner is None or self.trigger_runner.stop:
                sys.exit(70)
            self.trigger_runner.stop = True

    return Runner


def stopped(trigger_runner, kill):
    """A triggerer that was told to end."""
    made = new_runner_class()
    end_at_once(made, kill)
    runner = made(trigger_runner)
    runner._exit_gracefully(signal.SIGTERM, None)
    return runner


def test_the_process_with_the_triggers_is_told_once_it_is_noted():
    supervisor = SimpleNamespace(pid=4242, stop=False)
    told = []
    stopped(supervisor, lambda *args: told.append((*args, supervisor.stop)))
    assert told == [(4242, signal.SIGINT, True)]


def test_one_that_has_ended_meanwhile_is_no_failure():
    def kill(*_):
        raise ProcessLookupError

    assert stopped(SimpleNamespace(pid=4242, stop=False), kill).trigger_runner.stop


def test_a_second_signal_and_one_before_the_start_are_airflows_own_matter():
    told = []
    with pytest.raises(SystemExit):
        stopped(None, told.append)
    with pytest.raises(SystemExit):
        stopped(SimpleNamespace(pid=4242, stop=True), told.append)
    assert told == []


@pytest.mark.parametrize("is_on", [True, False])
def test_is_installed_when_on(stand_in_job, is_on):
    module = stand_in_job("triggerer_job_runner", TriggererJobRunner=new_runner_class())
    stock = module.TriggererJobRunner._exit_gracefully
    trigger_end.install(is_on)
    assert (module.TriggererJobRunner._exit_gracefully is not stock) is is_on


@pytest.mark.image
def test_airflow_would_send_the_same_signal_and_minds_it():
    from inspect import signature

    from airflow.jobs.triggerer_job_runner import TriggererJobRunner, TriggerRunner, TriggerRunnerSupervisor

    assert "trigger_runner" in TriggererJobRunner._exit_gracefully.__code__.co_names
    assert signature(TriggerRunnerSupervisor.kill).parameters["signal_to_send"].default == signal.SIGINT
    assert {"SIGINT", "_handle_signal"} <= set(TriggerRunner.run.__code__.co_names)
