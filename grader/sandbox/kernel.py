"""System calls that Python has no function for, with one thin wrapper for each.

This module calls them through the C library, because no package is a better
choice. The packages for Landlock and seccomp are new (landlockpy, seccompy), need
another library (pyseccomp), or are no longer maintained (python-prctl). None of
them covers namespaces and mounts.

A comment above each constant names the kernel header that it comes from, below
``include/uapi/`` unless it says otherwise. Every wrapper raises ``OSError`` if
the kernel refuses, or if this is not Linux.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Sequence

# linux/prctl.h
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

# linux/sched.h
CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

# linux/mount.h
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
_MOUNT_ATTR_RDONLY = 1
_MOUNT_ATTR_NOSUID = 2

# include/linux/fs.h
_MNT_DETACH = 2

# linux/fcntl.h
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000

# asm-generic/unistd.h. These calls have the same number on all architectures but alpha.
_MOUNT_SETATTR = 442
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446

# asm/unistd.h. This call has its own number on each architecture.
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

# linux/landlock.h
_LANDLOCK_CREATE_RULESET_VERSION = 1
_LANDLOCK_RULE_PATH_BENEATH = 1

# asm-generic/mman-common.h
_MADV_COLLAPSE = 25

# linux/capability.h
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
CAP_CHOWN = 0
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAP_KILL = 5
CAP_SETGID = 6
CAP_SETUID = 7
CAP_SYS_ADMIN = 21

# linux/prctl.h and linux/seccomp.h
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class _Program(ctypes.Structure):
    """``struct sock_fprog`` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def prctl(option: int, value: int) -> None:
    """Set a property of this process (prctl(2))."""
    _call("prctl", option, ctypes.c_ulong(value), 0, 0, 0)


def unshare(flags: int) -> None:
    """Move this process into new namespaces (unshare(2)).

    ``CLONE_NEWPID`` applies to the children that it forks from now on.
    """
    _call("unshare", flags)


def current_cpu() -> int:
    """Return the number of the CPU on which this thread runs (sched_getcpu(3))."""
    return _call("sched_getcpu")


def collapse(address: int, size: int) -> None:
    """Move a part of this process's memory into large pages (madvise(2), Linux 6.1)."""
    _call("madvise", ctypes.c_void_p(address), ctypes.c_size_t(size), _MADV_COLLAPSE)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system, or bind a file or folder to another place (mount(2))."""
    _call(
        "mount",
        source.encode(),
        os.fsencode(target),
        kind.encode(),
        ctypes.c_ulong(flags),
        options.encode(),
    )


def make_read_only(target: str) -> None:
    """Make all mounts at and below ``target`` read-only (mount_setattr(2), Linux 5.12).

    The set-user-id bits of files in them lose their effect.
    """
    flags = _MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID
    # struct mount_attr: what to set, what to clear, propagation and user namespace.
    attributes = struct.pack("=QQQQ", flags, 0, 0, 0)
    _call(
        "syscall",
        _MOUNT_SETATTR,
        _AT_FDCWD,
        os.fsencode(target),
        _AT_RECURSIVE,
        attributes,
        ctypes.c_size_t(len(attributes)),
    )


def unmount(target: str) -> None:
    """Remove a mount, even if it is in use (umount2(2))."""
    _call("umount2", os.fsencode(target), _MNT_DETACH)


def change_root(folder: str) -> None:
    """Make the mount at ``folder`` the root of this mount namespace and drop the old root."""
    os.chdir(folder)
    # pivot_root(2) recommends this: it stacks the old root on the new one, then unmounts it.
    _call("syscall", _PIVOT_ROOT[os.uname().machine], b".", b".")
    unmount(".")
    os.chdir("/")


def drop_capabilities(keep: Sequence[int] = ()) -> None:
    """Give up all capabilities except ``keep`` permanently (capset(2))."""
    kept = sum(1 << capability for capability in keep)
    low = kept & 0xFFFFFFFF
    high = kept >> 32
    header = struct.pack("=Ii", _LINUX_CAPABILITY_VERSION_3, 0)
    # Effective, permitted and inheritable, for the low half of the numbers and then the high one.
    _call("capset", header, struct.pack("=6I", low, low, 0, high, high, 0))


def has_capabilities(*capabilities: int) -> bool:
    """Return whether this process has all ``capabilities`` (proc(5), status)."""
    effective = int(proc_field("/proc/self/status", "CapEff"), 16)
    return all(effective >> capability & 1 for capability in capabilities)


def proc_field(path: str, name: str) -> str:
    """Return the value of the line ``name: value`` in a file of /proc, or ``"0"`` without it."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                field, _, value = line.partition(":")
                if field == name:
                    return value
    except OSError:
        # The process has ended, or /proc is not mounted.
        pass

    return "0"


def landlock_version() -> int:
    """Return the version of Landlock's interface, or 0 without Landlock (landlock(7))."""
    try:
        return _call("syscall", _LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_CREATE_RULESET_VERSION)
    except OSError:
        return 0


def create_ruleset(files: int, network: int, scopes: int) -> int:
    """Return the descriptor of a new Landlock ruleset that handles these rights.

    Pass 0 for a kind of rights that this kernel does not know.
    """
    attributes = struct.pack("=QQQ", files, network, scopes)
    # Older kernels know a shorter struct, and accept a longer one if the rest of it is zero.
    size = ctypes.c_size_t(len(attributes))
    return _call("syscall", _LANDLOCK_CREATE_RULESET, attributes, size, 0)


def allow_beneath(ruleset: int, path: str, rights: int) -> None:
    """Allow ``rights`` on the file ``path``, or on everything in the folder ``path``."""
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, descriptor)
        _call("syscall", _LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def restrict(ruleset: int) -> None:
    """Apply ``ruleset`` to this process and to the children that it starts from now on."""
    _call("syscall", _LANDLOCK_RESTRICT_SELF, ruleset, 0)


def install_filter(program: bytes) -> None:
    """Filter the system calls of this process with a BPF program (seccomp(2))."""
    size = len(program)
    buffer = ctypes.create_string_buffer(program, size)
    # An instruction has 8 bytes.
    instructions = _Program(size // 8, ctypes.addressof(buffer))
    pointer = ctypes.byref(instructions)
    _call("prctl", _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, pointer, 0, 0)


def _call(function: str, *arguments: object) -> int:
    if _libc is None:
        raise OSError(errno.ENOSYS, f"{function} exists only on Linux")

    result: int = getattr(_libc, function)(*arguments)
    if result < 0:
        # ctypes keeps its own copy, which no other call changes meanwhile.
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")

    return result
