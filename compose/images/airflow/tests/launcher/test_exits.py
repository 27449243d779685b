import os
import signal

import pytest
from stack_launcher.exits import OomWatch, count_oom_kills, describe_exit


def status_of(code=None, number=None):
    return number if number is not None else code << 8


@pytest.mark.parametrize(
    ("status", "was_out_of_memory", "words"),
    [
        (status_of(code=0), False, "exit code 0"),
        (status_of(code=1), False, "exit code 1"),
        (status_of(code=1), True, "exit code 1"),
        (status_of(number=signal.SIGKILL), False, "killed by SIGKILL"),
        (status_of(number=signal.SIGKILL), True, "killed by SIGKILL (out of memory)"),
        (status_of(number=signal.SIGSEGV), True, "killed by SIGSEGV"),
    ],
)
def test_an_end_in_words(status, was_out_of_memory, words):
    assert describe_exit(status, was_out_of_memory) == words


def test_the_statuses_above_are_what_the_kernel_gives():
    assert os.waitstatus_to_exitcode(status_of(code=1)) == 1
    assert os.waitstatus_to_exitcode(status_of(number=9)) == -9


@pytest.mark.parametrize(
    ("text", "kills"),
    [
        ("low 0\nhigh 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 0\n", 2),
        ("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n", 5),
        ("something else\n", 0),
        ("oom_kill\n", 0),
    ],
)
def test_counts_kills_as_either_version_of_control_groups_tells_them(tmp_path, text, kills):
    file = tmp_path / "memory.events"
    file.write_text(text)
    assert count_oom_kills([tmp_path / "missing", file]) == kills


def test_counts_none_where_nothing_tells(tmp_path):
    assert count_oom_kills([tmp_path / "missing"]) == 0


def test_a_kill_explains_a_death_only_while_it_is_recent():
    kills = 3
    watch = OomWatch(lambda: kills)
    assert not watch.look(now=10.0)
    kills = 4
    assert watch.look(now=20.0)
    assert watch.look(now=21.5)
    assert not watch.look(now=23.0)
