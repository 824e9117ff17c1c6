"""Loosen the sandbox from inside."""
# ends as: failed

import ctypes

libc = ctypes.CDLL(None, use_errno=True)

import resource

PR_SET_DUMPABLE, PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAP_AMBIENT, PR_SET_CHILD_SUBREAPER = (
    4,
    1,
    22,
    47,
    36,
)
if (
    libc.prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0
    or libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
):
    print("BREACH prctl")
if libc.prctl(PR_CAP_AMBIENT, 2, 21, 0, 0) == 0:
    print("BREACH ambient")


def double(x):
    return x
