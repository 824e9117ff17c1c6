"""Change the limits and processors of another process."""
# ends as: failed

import contextlib
import os
import resource

with contextlib.suppress(OSError):
    resource.prlimit(int("@VICTIM@"), resource.RLIMIT_CPU, (1, 1))
    print("BREACH limited")
with contextlib.suppress(OSError):
    os.sched_setaffinity(int("@VICTIM@"), {0})
    print("BREACH pinned")
with contextlib.suppress(OSError):
    os.setpriority(os.PRIO_PROCESS, int("@VICTIM@"), 19)
    print("BREACH slowed")


def double(x):
    return x
