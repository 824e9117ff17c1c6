"""The exception that ends a part of a program after a time."""

import signal
import sys
import time

import pytest

from grader.system import SYSTEM, interrupts

SECONDS = 0.002


class OverError(Exception):
    """The time is over."""


def spin(until):
    while time.monotonic() < until:
        pass


@pytest.fixture(params=[SYSTEM.interrupting, interrupts.interrupting], ids=["system", "thread"])
def interrupting(request, monkeypatch):
    """What interrupts here, and what does on a system without signals."""
    monkeypatch.setattr(interrupts, "_TICK", SECONDS / 4)
    return request.param


@pytest.mark.parametrize("is_cpu", [False, True])
def test_body_is_interrupted_again_and_again(interrupting, is_cpu):
    """A body that catches the exception gets it again, until it ends."""
    caught = 0
    with interrupting(SECONDS, SECONDS, OverError, is_cpu=is_cpu):
        while caught < 3:
            try:
                spin(time.monotonic() + 60)
            except OverError:
                caught += 1
    spin(time.monotonic() + 4 * SECONDS)


def test_nothing_comes_after_the_body(interrupting):
    """A body that ends just when its time is over leaves neither a timer nor an exception."""
    rounds = 60
    for number in range(rounds):
        # Some rounds end in time, some are interrupted, and some at their very end.
        early = (number / rounds - 0.5) * SECONDS
        try:
            with interrupting(SECONDS, SECONDS, OverError, is_cpu=False):
                spin(time.monotonic() + SECONDS - early)
        except OverError:
            pass
        if sys.platform != "win32":
            assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
        spin(time.monotonic() + 2 * SECONDS)
