import os

import pytest
from stack_launcher.memory import PAGE, MemoryMeter


@pytest.fixture
def proc(tmp_path):
    """A folder like /proc; `forbid` makes a process one that must not be looked into."""

    class Proc:
        path = str(tmp_path)

        def process(self, pid, resident, proportional):
            folder = tmp_path / str(pid)
            folder.mkdir(exist_ok=True)
            (folder / "statm").write_text(f"99999 {resident // PAGE} 7 1 0 9 0\n")
            rollup = folder / "smaps_rollup"
            rollup.unlink(missing_ok=True)
            rollup.write_text(f"5600-7ff0 ---p 00:00 0 [rollup]\nRss: 1 kB\nPss: {proportional // 1024} kB\nPss_Dirty: 9 kB\n")

    return Proc()


class ForbiddingMeter(MemoryMeter):
    """Root may read what is forbidden, so the refusal is made here."""

    forbidden = frozenset()

    def _proportional(self, pid):
        if pid in self.forbidden:
            raise PermissionError(pid)
        return super()._proportional(pid)


MIB = 1024 * 1024


def test_adds_up_what_the_processes_have(proc):
    proc.process(10, 50 * MIB, 20 * MIB)
    proc.process(11, 40 * MIB, 5 * MIB)
    assert MemoryMeter(proc.path).measure([10, 11]) == 25 * MIB


def test_a_process_that_has_ended_uses_nothing(proc):
    assert MemoryMeter(proc.path).measure([12]) == 0


def test_one_that_forbids_to_be_read_has_its_last_size_and_its_growth(proc):
    meter = ForbiddingMeter(proc.path)
    proc.process(10, 50 * MIB, 20 * MIB)
    meter.measure([10])
    meter.forbidden = {10}
    proc.process(10, 56 * MIB, 99 * MIB)
    assert meter.measure([10]) == 26 * MIB
    proc.process(10, 10 * MIB, 99 * MIB)
    assert meter.measure([10]) == 0


def test_one_that_never_was_readable_adds_nothing(proc):
    meter = ForbiddingMeter(proc.path)
    meter.forbidden = {10}
    proc.process(10, 50 * MIB, 20 * MIB)
    assert meter.measure([10]) == 0


def test_a_number_that_is_used_anew_is_another_process(proc):
    meter = ForbiddingMeter(proc.path)
    proc.process(10, 50 * MIB, 20 * MIB)
    meter.measure([10])
    meter.forget_all_but([11])
    meter.forbidden = {10}
    assert meter.measure([10]) == 0


def test_a_real_process_has_a_size():
    assert MemoryMeter().measure([os.getpid()]) > MIB
