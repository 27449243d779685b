import os
import signal

from fakes import tree
from stack_launcher.process_tree import (
    Process,
    kill_members,
    members,
    parse_stat,
    read_processes,
    send,
    task_processes,
)

# tini, the launcher, two components, below the scheduler a nursery with a worker, its task, and what that started.
CONTAINER = tree(
    (1, 0, 1, 1),
    (7, 1, 7, 1),
    (20, 7, 20, 20),
    (30, 7, 30, 30),
    (31, 30, 30, 30),
    (32, 31, 30, 30),
    (33, 32, 33, 30),
    (34, 33, 34, 34),
    (35, 34, 34, 34),
)


def test_a_name_may_hold_anything():
    assert parse_stat("42 (a ) R (b) c) S 7 40 41 0 -1 4194560") == Process(42, 7, 40, 41)


def test_a_component_has_its_session_and_all_below():
    assert members(30, CONTAINER) == {30, 31, 32, 33, 34, 35}
    assert members(20, CONTAINER) == {20}


def test_orphans_still_belong_to_their_component_when_it_is_dead():
    left = tree((7, 1, 7, 1), (31, 7, 30, 30), (33, 7, 33, 30), (34, 33, 34, 34))
    assert members(30, left) == {31, 33, 34}


def test_a_task_leads_a_group_and_a_worker_does_not():
    assert task_processes(30, CONTAINER) == {33}
    assert task_processes(20, CONTAINER) == set()


def test_reads_the_processes_there_are():
    mine = read_processes()[os.getpid()]
    assert (mine.parent, mine.group, mine.session) == (os.getppid(), os.getpgid(0), os.getsid(0))


def test_a_folder_that_vanishes_or_makes_no_sense_is_left_out(tmp_path):
    for name, text in (("5", "5 (good) S 1 5 5 0"), ("6", "nonsense"), ("self", "7 (no number) S 1 7 7")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "stat").write_text(text)
    (tmp_path / "8").mkdir()
    assert read_processes(str(tmp_path)) == {5: Process(5, 1, 5, 5)}


def test_ends_what_a_dead_component_left():
    reader, writer = os.pipe()
    component = os.fork()
    if component == 0:
        os.setsid()
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            os.write(writer, b"%d" % os.getpid())
            signal.pause()
        os.write(writer, b"")
        os._exit(0)
    left = int(os.read(reader, 20))
    os.waitpid(component, 0)
    try:
        assert kill_members(component) == 1
        assert kill_members(component) == 0 or read_processes()[left].session == component
    finally:
        os.close(reader)
        os.close(writer)
        send([left], signal.SIGKILL)


def test_a_signal_to_nobody_is_no_failure():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    send([pid], signal.SIGTERM)
