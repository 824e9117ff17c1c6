"""Write to the pipe of replies in the handler of a signal that arrives all the time."""
# ends as: failed|crashed

import os
import signal

signal.signal(signal.SIGALRM, lambda *_: os.write(4, b"\0\0\0\1\xc0"))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)


def double(x):
    return x
