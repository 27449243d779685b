import os

import pytest
from stack_launcher.health import Facts
from stack_launcher.observer import encode
from stack_launcher.observer_link import PATIENCE_S, ObserverLink

FACTS = Facts(asked_at=1.0, at=1.0, answers=True, beats={}, memory={})


class Observers:
    """Observers that answer when they are told to; each keeps its ends of the pipes open until it is ended."""

    def __init__(self):
        self.pipes = []
        self.ended = []

    def fork(self, questions, answers):
        self.pipes.append((os.dup(questions), os.dup(answers)))
        return 200 + len(self.pipes)

    def end(self, pid):
        self.ended.append(pid)

    def question(self):
        return os.read(self.pipes[-1][0], 4096)

    def answer(self, data):
        os.write(self.pipes[-1][1], data)

    def die(self):
        for fd in self.pipes.pop():
            os.close(fd)


@pytest.fixture
def observers():
    made = Observers()
    yield made
    while made.pipes:
        made.die()


@pytest.fixture
def link(observers):
    made = ObserverLink(observers.fork, observers.end)
    yield made
    made.close()


def test_there_is_no_observer_before_the_first_question(link, observers):
    assert link.answers is None
    assert link.read() is None
    assert observers.pipes == []


def test_a_question_and_its_answer(link, observers):
    link.ask([20, 30], now=0.0)
    assert observers.question() == b"[20, 30]\n"
    assert link.read() is None
    observers.answer(encode(FACTS))
    assert link.read() == FACTS


def test_an_answer_may_come_in_parts(link, observers):
    link.ask([], now=0.0)
    line = encode(FACTS)
    observers.answer(line[:9])
    assert link.read() is None
    observers.answer(line[9:])
    assert link.read() == FACTS


def test_one_question_at_a_time(link, observers):
    link.ask([], now=0.0)
    link.ask([1], now=PATIENCE_S - 1)
    assert observers.question() == b"[]\n"
    observers.answer(encode(FACTS))
    link.read()
    link.ask([2], now=PATIENCE_S)
    assert observers.question() == b"[2]\n"
    assert len(observers.pipes) == 1


def test_an_observer_that_does_not_answer_is_replaced(link, observers):
    link.ask([], now=0.0)
    link.ask([7], now=PATIENCE_S)
    assert observers.ended == [201]
    assert observers.question() == b"[7]\n"


def test_an_observer_that_dies_is_replaced_with_the_next_question(link, observers):
    link.ask([], now=0.0)
    observers.die()
    assert link.read() is None
    assert link.answers is None
    link.ask([3], now=5.0)
    assert observers.question() == b"[3]\n"


def test_one_that_died_without_having_been_asked_is_replaced_too(link, observers):
    link.ask([], now=0.0)
    observers.answer(encode(FACTS))
    link.read()
    observers.die()
    link.ask([4], now=5.0)
    link.ask([5], now=10.0)
    assert observers.question() == b"[5]\n"
