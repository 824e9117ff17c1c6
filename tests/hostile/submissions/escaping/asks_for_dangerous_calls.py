"""Try the system calls that exploits of the kernel use."""
# ends as: failed
# needs: x86_64

import ctypes

libc = ctypes.CDLL(None, use_errno=True)

BPF, IO_URING, PERF, USERFAULTFD, ADD_KEY, KEYCTL, INIT_MODULE = 321, 425, 298, 323, 248, 250, 175
KCMP, PIDFD_OPEN, OPEN_BY_HANDLE, PERSONALITY, KEXEC, QUOTACTL, ACCT, SWAPON = (
    312,
    434,
    304,
    135,
    246,
    179,
    163,
    167,
)
for number in (
    BPF,
    IO_URING,
    PERF,
    USERFAULTFD,
    ADD_KEY,
    KEYCTL,
    INIT_MODULE,
    KCMP,
    PIDFD_OPEN,
    OPEN_BY_HANDLE,
    PERSONALITY,
):
    ctypes.set_errno(0)
    libc.syscall(number, 0, 0, 0, 0, 0, 0)
    if ctypes.get_errno() not in (1, 38):  # EPERM, ENOSYS
        print("BREACH", number, ctypes.get_errno())
for number in (KEXEC, QUOTACTL, ACCT, SWAPON):
    ctypes.set_errno(0)
    libc.syscall(number, 0, 0, 0, 0, 0, 0)
    if ctypes.get_errno() not in (1, 38):
        print("BREACH", number, ctypes.get_errno())


def double(x):
    return x
