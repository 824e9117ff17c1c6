"""The wall around a learner process: the one place that locks it down.

``confine`` runs in the learner process before the first learner byte and says,
layer by layer, what holds. Constants of the kernel are given with their source.
"""

import ctypes
import os
import resource
import signal
import sys
from typing import Final

# linux/prctl.h
PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_CHILD_SUBREAPER: Final = 36
PR_SET_NO_NEW_PRIVS: Final = 38

LAYERS: Final = ("files", "processes", "network", "syscalls", "resources", "privileges", "secrets")
MAX_FILE_BYTES: Final = 16 * 2**20
MAX_OPEN_FILES: Final = 256

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def prctl(option: int, value: int) -> bool:
    """Set a property of this process in the kernel; False where there is none such."""
    return _libc is not None and _libc.prctl(option, value, 0, 0, 0) == 0


def guard_trusted_process() -> None:
    """Keep other processes of the same user from reading or tracing this one (prctl(2))."""
    prctl(PR_SET_DUMPABLE, 0)


def become_parent_of_orphans() -> bool:
    """Let processes that outlive their parent become this one's children, so it can end them."""
    return prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> bool:
    """Have the kernel kill this process when the one that forked it ends."""
    return prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def empty_environment() -> None:
    """Leave nothing of the environment but what a program cannot do without; inherited by every fork."""
    os.environ.clear()
    os.environ.update(HOME="/", TMPDIR="/tmp", PATH="/usr/bin:/bin", LANG="C.UTF-8")  # noqa: S108 - confine() sets it


def confine(folder: str, memory_bytes: int, cpu_seconds: int) -> dict[str, str | None]:
    """Lock the current process down, with ``folder`` as its only place to write.

    Its environment is empty already: see ``empty_environment``.

    ``memory_bytes`` come on top of what the process has already: an absolute
    limit would have to know what this build of torch maps.
    Returns each of ``LAYERS`` with what holds it, or None where nothing does.
    """
    holds: dict[str, str | None] = dict.fromkeys(LAYERS)
    os.environ["HOME"] = os.environ["TMPDIR"] = folder
    holds["secrets"] = "emptied environment, no inherited descriptors"
    if die_with_parent():
        holds["processes"] = "own session, ends with the grader"
    if prctl(PR_SET_NO_NEW_PRIVS, 1):
        holds["privileges"] = "no_new_privs"
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: MAX_FILE_BYTES,
        resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
    }
    mapped = _mapped_bytes()
    if mapped is not None:
        limits[resource.RLIMIT_AS] = mapped + memory_bytes
    for limit, value in limits.items():
        hard = resource.getrlimit(limit)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (allowed, allowed))
    holds["resources"] = "rlimits" if mapped is not None else "rlimits, but none on memory"
    return holds


def _mapped_bytes() -> int | None:
    """Address space of this process (proc(5), statm), or None without /proc."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return None
