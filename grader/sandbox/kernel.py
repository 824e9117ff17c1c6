"""The Linux kernel's calls that Python has no function for, one thin wrapper each.

Constants stand with the header of the kernel that they come from
(``include/uapi/`` unless said otherwise). Every wrapper raises ``OSError`` where
the kernel refuses, also where there is no such kernel.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Sequence
from typing import Final

# linux/prctl.h
PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_KEEPCAPS: Final = 8
PR_SET_CHILD_SUBREAPER: Final = 36
PR_SET_NO_NEW_PRIVS: Final = 38

# linux/sched.h
CLONE_NEWNS: Final = 0x00020000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWNET: Final = 0x40000000

# linux/mount.h
MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_NOEXEC: Final = 8
MS_BIND: Final = 4096
MS_REC: Final = 16384
MS_PRIVATE: Final = 1 << 18
MNT_DETACH: Final = 2  # include/linux/fs.h
MOUNT_ATTR_RDONLY: Final = 1
MOUNT_ATTR_NOSUID: Final = 2

# linux/fcntl.h
_AT_FDCWD: Final = -100
_AT_RECURSIVE: Final = 0x8000

# asm-generic/unistd.h; these have one number on every architecture but alpha
_MOUNT_SETATTR: Final = 442
_LANDLOCK_CREATE_RULESET: Final = 444
_LANDLOCK_ADD_RULE: Final = 445
_LANDLOCK_RESTRICT_SELF: Final = 446

# linux/landlock.h
_LANDLOCK_CREATE_RULESET_VERSION: Final = 1
_LANDLOCK_RULE_PATH_BENEATH: Final = 1

# asm-generic/mman-common.h
_MADV_COLLAPSE: Final = 25

# linux/capability.h
_LINUX_CAPABILITY_VERSION_3: Final = 0x20080522
CAP_CHOWN: Final = 0
CAP_DAC_OVERRIDE: Final = 1
CAP_DAC_READ_SEARCH: Final = 2
CAP_KILL: Final = 5
CAP_SETGID: Final = 6
CAP_SETUID: Final = 7
CAP_SYS_ADMIN: Final = 21

# linux/seccomp.h
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2

_libc: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class _Program(ctypes.Structure):
    """``struct sock_fprog`` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def prctl(option: int, value: int) -> None:
    """Set a property of this process (prctl(2))."""
    _call("prctl", option, ctypes.c_ulong(value), 0, 0, 0)


def unshare(flags: int) -> None:
    """Move this process, or with ``CLONE_NEWPID`` its children to come, into new namespaces (unshare(2))."""
    _call("unshare", flags)


def collapse(address: int, size: int) -> None:
    """Move this part of the process's memory into large pages (madvise(2), Linux 6.1)."""
    _call("madvise", ctypes.c_void_p(address), ctypes.c_size_t(size), _MADV_COLLAPSE)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount or bind a file system (mount(2))."""
    _call(
        "mount",
        source.encode(),
        os.fsencode(target),
        kind.encode(),
        ctypes.c_ulong(flags),
        options.encode(),
    )


def make_read_only(target: str) -> None:
    """Make every mount at and below ``target`` read-only and without set-user-id (mount_setattr(2), Linux 5.12)."""
    attributes = struct.pack("=QQQQ", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, 0, 0)
    path = os.fsencode(target)
    _call(
        "syscall",
        _MOUNT_SETATTR,
        _AT_FDCWD,
        path,
        _AT_RECURSIVE,
        attributes,
        ctypes.c_size_t(len(attributes)),
    )


def unmount(target: str) -> None:
    """Take a mount away, even one that is in use (umount2(2))."""
    _call("umount2", os.fsencode(target), MNT_DETACH)


def change_root(folder: str) -> None:
    """Make the mount at ``folder`` the root of this mount namespace and let the old one go (pivot_root(2))."""
    os.chdir(folder)
    # The old root comes to lie upon the new one, and is taken off it: the manual page's own way.
    _call("syscall", _PIVOT_ROOT[os.uname().machine], b".", b".")
    unmount(".")
    os.chdir("/")


_PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41}  # asm/unistd.h


def drop_capabilities(keep: Sequence[int] = ()) -> None:
    """Give up all capabilities but ``keep``, for good (capset(2))."""
    kept = sum(1 << capability for capability in keep)
    header = struct.pack("=Ii", _LINUX_CAPABILITY_VERSION_3, 0)
    low, high = kept & 0xFFFFFFFF, kept >> 32
    _call("capset", header, struct.pack("=6I", low, low, 0, high, high, 0))


def has_capabilities(*capabilities: int) -> bool:
    """Whether this process may do what all of ``capabilities`` allow (proc(5), status)."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            held = next(line.split()[1] for line in file if line.startswith("CapEff:"))
    except (OSError, StopIteration):
        return False
    return all(int(held, 16) >> capability & 1 for capability in capabilities)


def landlock_version() -> int:
    """The version of Landlock's interface, 0 where there is none (landlock(7))."""
    try:
        return _call("syscall", _LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_CREATE_RULESET_VERSION)
    except OSError:
        return 0


def create_ruleset(files: int, network: int, scopes: int) -> int:
    """A descriptor of a new Landlock ruleset that handles these rights; zeros where this kernel knows none."""
    attributes = struct.pack("=QQQ", files, network, scopes)
    # Earlier kernels know a shorter structure, and refuse a longer one only where it is not zero.
    return _call(
        "syscall", _LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0
    )


def allow_beneath(ruleset: int, path: str, rights: int) -> None:
    """Allow ``rights`` on the file ``path``, or on everything beneath the folder."""
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, descriptor)
        _call("syscall", _LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def restrict(ruleset: int) -> None:
    """Hold this process to ``ruleset``, and all its children."""
    _call("syscall", _LANDLOCK_RESTRICT_SELF, ruleset, 0)


def install_filter(program: bytes) -> None:
    """Hold the system calls of this process to a BPF program (seccomp(2))."""
    buffer = ctypes.create_string_buffer(program, len(program))
    instructions = _Program(len(program) // 8, ctypes.addressof(buffer))
    _call("prctl", _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(instructions), 0, 0)


def _call(function: str, *arguments: object) -> int:
    if _libc is None:
        raise OSError(errno.ENOSYS, f"{function}: only Linux has it")
    result: int = getattr(_libc, function)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")
    return result
