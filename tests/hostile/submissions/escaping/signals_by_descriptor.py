"""Make the kernel signal another process when somebody writes to a pipe."""
# ends as: failed

import contextlib
import fcntl
import os

reading, writing = os.pipe()
with contextlib.suppress(OSError):
    fcntl.fcntl(reading, fcntl.F_SETOWN, int("@VICTIM@"))
    fcntl.fcntl(reading, 10, 9)  # F_SETSIG, SIGKILL
    fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
    os.write(writing, b"x")


def double(x):
    return x
