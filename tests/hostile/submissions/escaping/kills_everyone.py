"""Send signals to all processes."""
# ends as: failed

import os
import signal

for pid in (-1, 0, -os.getpgid(0), os.getppid(), 1, int("@VICTIM@")):
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
        if pid == 0 or pid == -os.getpgid(0):
            number = 0  # its own group: itself
        try:
            os.kill(pid, number)
        except OSError:
            continue


def double(x):
    return x
