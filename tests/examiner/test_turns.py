"""Threads take turns: together, or one alone."""

import threading

import pytest

from grader.examiner.turns import Turns
from tests.grading import until


def test_nobody_works_beside_one_alone():
    """While one is alone or waits to be, nobody begins; afterwards all go on."""
    turns = Turns()
    events: list[str] = []

    def work(turn, name):
        with turn():
            events.append(name)

    alone = threading.Thread(target=work, args=(turns.alone, "alone"))
    beside = threading.Thread(target=work, args=(turns.together, "beside"))
    with turns.together(), turns.together():
        alone.start()
        until(lambda: turns.is_awaited)
        beside.start()
        beside.join(0.1)
        assert events == []
    alone.join()
    beside.join()
    assert events == ["alone", "beside"]


def test_an_error_ends_a_turn():
    """Whoever fails, alone or together, blocks nobody."""
    turns = Turns()
    for turn in (turns.alone, turns.together):
        with pytest.raises(ZeroDivisionError), turn():
            raise ZeroDivisionError
    with turns.alone():
        assert turns.is_awaited
    assert not turns.is_awaited
