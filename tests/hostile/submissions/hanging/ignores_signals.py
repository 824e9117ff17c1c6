"""Ignore all signals that a process can ignore."""
# ends as: timeout

import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        continue


def double(x):
    while True:
        pass
