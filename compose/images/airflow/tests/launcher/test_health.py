import pytest
from stack_launcher.health import Beat, has_answered, is_beating


@pytest.mark.parametrize(
    ("beat", "now", "excused_until", "expected"),
    [
        (None, 100.0, 0.0, False),
        (Beat(began=50.0, latest=99.0), 100.0, 0.0, True),
        (Beat(began=50.0, latest=70.1), 100.0, 0.0, True),
        (Beat(began=50.0, latest=70.0), 100.0, 0.0, False),
        # It was frozen, and has only just begun to thaw.
        (Beat(began=50.0, latest=60.0), 5000.0, 4990.0, True),
        (Beat(began=50.0, latest=60.0), 5000.0, 4960.0, False),
        # Of the process before this one.
        (Beat(began=49.9, latest=99.0), 100.0, 0.0, False),
    ],
)
def test_a_job_beats(beat, now, excused_until, expected):
    assert is_beating(beat, forked_at=50.0, now=now, excused_until=excused_until) is expected


@pytest.mark.parametrize(
    ("answered_at", "now", "excused_until", "expected"),
    [(None, 10.0, 0.0, False), (10.0, 10.0, 0.0, True), (10.0, 24.9, 0.0, True), (10.0, 25.0, 0.0, False), (10.0, 90.0, 80.0, True)],
)
def test_an_answer_lasts_for_a_while(answered_at, now, excused_until, expected):
    assert has_answered(answered_at, now, excused_until) is expected
