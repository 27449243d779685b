import gc

import pytest
from stack_launcher.deviations.collection import no_collection


@pytest.fixture(autouse=True)
def thaw():
    gc.unfreeze()
    gc.enable()
    yield
    gc.unfreeze()
    gc.enable()


def test_nothing_is_collected_inside_and_all_is_set_aside_after():
    with no_collection(True):
        assert not gc.isenabled()
        made = [[] for _ in range(1_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() > len(made)


def test_collection_goes_on_after_an_exception():
    with pytest.raises(ImportError), no_collection(True):
        raise ImportError("no such module")
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_off_leaves_collection_as_it_is():
    with no_collection(False):
        assert gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_off_does_not_turn_on_what_was_off():
    gc.disable()
    with no_collection(False):
        pass
    assert not gc.isenabled()


def test_garbage_made_later_is_collected():
    with no_collection(True):
        pass

    class Circle:
        ends = 0

        def __init__(self):
            self.me = self

        def __del__(self):
            Circle.ends += 1

    Circle()
    gc.collect()
    assert Circle.ends == 1
