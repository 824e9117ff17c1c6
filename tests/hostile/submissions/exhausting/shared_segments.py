"""Leave segments of shared memory behind."""
# ends as: failed

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for key in range(4711, 4720):
    if libc.shmget(key, 1 << 20, 0o1666) >= 0:
        print("BREACH made a segment")


def double(x):
    return x
