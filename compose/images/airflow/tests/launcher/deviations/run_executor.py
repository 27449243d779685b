"""python run_executor.py ANSWER stock|nursery: what becomes of work that is given to a real LocalExecutor."""

import functools
import json
import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

answer, whose = sys.argv[1:]
WAIT_S = 20

multiprocessing.set_start_method("fork")

from airflow.executors import local_executor  # noqa: E402
from stack_launcher.deviations import preload  # noqa: E402
from stack_launcher.deviations.nursery import Nursery  # noqa: E402

ran = multiprocessing.SimpleQueue()


class Work:
    running_state, success_state, failure_state = "running", "success", "failed"

    def __init__(self, name):
        self.key = self.display_name = name


def run_workload(workload, **_):
    ran.put((workload.key, os.getpid(), os.getppid()))
    if workload.key.startswith("fail"):
        raise ValueError("no")
    if workload.key.startswith("die"):
        os.kill(os.getpid(), signal.SIGKILL)


local_executor.BaseExecutor.run_workload = staticmethod(run_workload)
if whose == "nursery":
    preload.Nursery = functools.partial(Nursery, prepare=lambda: None)
    preload.install(True, Path("healthy"))


def feed(*names):
    for name in names:
        executor.activity_queue.put(Work(name))
        with executor._unread_messages:
            executor._unread_messages.value += 1
    executor._check_workers()


def wait_until(condition):
    deadline = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {executor.event_buffer}")
        executor.sync()
        time.sleep(0.02)


def are_done(*names):
    return lambda: all(executor.event_buffer.get(name, ("",))[0] in ("success", "failed") for name in names)


def is_there(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


executor = local_executor.LocalExecutor(parallelism=2)
executor.start()
first_children = set(executor.workers)
feed("one", "fail", "two")
wait_until(are_done("one", "fail", "two"))

# Both workers, one after the other: what comes after needs new ones.
feed("die 1")
wait_until(lambda: "die 1" in executor.event_buffer)
feed("die 2")
wait_until(lambda: "die 2" in executor.event_buffer)
feed("three", "four")
wait_until(are_done("three", "four"))

if "lose-nursery" in os.environ.get("SCENARIO", ""):
    # The start is over, and so the next one opens without being asked for work.
    Path("healthy").touch()
    (lost,) = executor.workers
    os.kill(lost, signal.SIGKILL)
    wait_until(lambda: lost not in executor.workers and all(one.has_opened for one in executor.workers.values()))
    feed("five", "six", "seven")
    wait_until(are_done("five", "six", "seven"))

children = set(executor.workers)
began = time.monotonic()
executor.end()
ended_s = time.monotonic() - began

told = []
while not ran.empty():
    told.append(ran.get())
workers = {pid for _, pid, _ in told}
with open(answer, "w") as file:
    json.dump(
        {
            "events": {name: state for name, (state, _) in executor.event_buffer.items()},
            "unread": executor._unread_messages.value,
            "ran": sorted(name for name, _, _ in told),
            "workers_are_children": workers <= first_children | children,
            "parents": sorted({parent for _, _, parent in told} - {os.getpid()}),
            "nurseries": sorted(first_children | children),
            "left": sorted(pid for pid in workers | children if is_there(pid)),
            "ended_s": ended_s,
        },
        file,
    )
# Without what an interpreter does at its end: it would wait for whoever is left.
os._exit(0)
