import json
import os

import pytest
from stack_launcher.status import Board, Timeline, iso


@pytest.fixture
def board(tmp_path):
    made = Board(tmp_path / "stack")
    made.clear()
    return made


def test_what_an_earlier_start_left_is_cleared(board):
    board.show_health(True)
    board.show_status({"old": True})
    board.clear()
    assert list(board.folder.iterdir()) == []


def test_health_is_a_file_that_comes_and_goes(board):
    board.show_health(True)
    assert board.healthy.exists()
    board.show_health(False)
    assert not board.healthy.exists()
    board.show_health(False)


def test_health_is_touched_anew(board):
    board.show_health(True)
    os.utime(board.healthy, (1, 1))
    board.show_health(True)
    assert board.healthy.stat().st_mtime > 1


def test_the_status_is_replaced_whole(board):
    board.show_status({"number": 1})
    with board.status.open() as reader_of_the_old:
        board.show_status({"number": 2})
        assert json.load(reader_of_the_old) == {"number": 1}
    assert json.loads(board.status.read_text()) == {"number": 2}
    assert [file.name for file in board.folder.iterdir()] == ["status.json"]


def test_a_full_disk_leaves_the_status_as_it_was(board):
    board.show_status({"number": 1})
    draft = board.folder / ".status.json"
    draft.symlink_to("/dev/full")
    board.show_status({"number": 2})
    assert json.loads(board.status.read_text()) == {"number": 1}
    draft.unlink()
    board.show_status({"number": 3})
    assert json.loads(board.status.read_text()) == {"number": 3}


def test_moments_are_in_iso_8601():
    assert iso(1_795_000_000.25) == "2026-11-18T11:06:40.250Z"


def test_the_timeline_counts_from_the_launchers_start():
    timeline = Timeline(started_at=1000.0)
    timeline.add("import", 1000.0, 1001.4567)
    assert timeline.parts == [{"name": "import", "start_ms": 0, "end_ms": 1457}]
