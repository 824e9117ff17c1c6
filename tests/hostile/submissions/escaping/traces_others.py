"""Trace its parent and another process."""
# ends as: failed

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)

for pid in (os.getppid(), int("@VICTIM@")):
    if pid > 1 and libc.ptrace(16, pid, 0, 0) == 0:  # PTRACE_ATTACH
        print("BREACH traces", pid)


def double(x):
    return x
