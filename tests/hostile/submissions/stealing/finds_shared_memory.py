"""Search shared memory for data of others."""
# ends as: failed

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
if libc.shmget(4711, 4096, 0o666) >= 0:
    print("BREACH found a segment")
try:
    print("BREACH", os.listdir("/dev/shm")) if set(os.listdir("/dev/shm")) - {"target.py"} else None
except OSError:
    pass


def double(x):
    return x
