import pytest
from stack_launcher.backoff import next_wait


def test_waits_double_up_to_half_a_minute():
    waits = []
    wait = 0.0
    for _ in range(9):
        wait = next_wait(wait, healthy_s=0.0)
        waits.append(wait)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


@pytest.mark.parametrize(("healthy_s", "expected"), [(59.9, 16.0), (60.0, 0.5)])
def test_a_minute_of_health_starts_over(healthy_s, expected):
    assert next_wait(8.0, healthy_s) == expected
