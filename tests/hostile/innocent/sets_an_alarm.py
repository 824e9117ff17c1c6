"""Protect itself with an alarm."""

import signal


def too_late(*_):
    raise TimeoutError


signal.signal(signal.SIGALRM, too_late)


def double(x):
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        return x * 2
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
