"""Stand-ins for what the launcher's logic reaches through its interfaces."""

from stack_launcher.deviations.switches import AIRFLOW, LEANS_ON
from stack_launcher.health import Beat, Facts
from stack_launcher.process_tree import Process

JOBS = ("SchedulerJob", "DagProcessorJob", "TriggererJob")


class FakeHands:
    """Remembers what it was told to do; its processes are numbers that count up from 101."""

    def __init__(self):
        self.next_pid = 101
        self.forked = []
        self.cleared = []
        self.asked = []
        self.said = []
        self.sent = []
        self.healthy = None
        self.document = None
        self.tree = {}
        self.is_out_of_memory = False

    def fork(self, name, run):
        pid = self.next_pid
        self.next_pid += 1
        self.forked.append((name, pid))
        return pid

    def clear_away(self, pid):
        self.cleared.append(pid)

    def was_out_of_memory(self, now):
        return self.is_out_of_memory

    def ask(self, roots):
        self.asked.append(list(roots))

    def say(self, text):
        self.said.append(text)

    def show(self, is_healthy, document):
        self.healthy, self.document = is_healthy, document

    def processes(self):
        return self.tree

    def send(self, pids, number):
        if pids:
            self.sent.append((number, set(pids)))

    def component(self, name):
        return next(one for one in self.document["components"] if one["name"] == name)


def facts(at, *, answers=True, beats="all", memory=None):
    """Everything is well at that moment, unless told otherwise."""
    if beats == "all":
        beats = {job: Beat(began=at, latest=at) for job in JOBS}
    return Facts(asked_at=at, at=at, answers=answers, beats=beats, memory=memory or {})


def tree(*rows):
    """Processes from rows of pid, parent, group and session."""
    return {row[0]: Process(*row) for row in rows}


def version_as_tested(package):
    """As if every package were one of those that the departures were tested with."""
    return next(min(one.versions) for one in (AIRFLOW, *LEANS_ON.values()) if one.package == package)
