"""The system calls that a learner process may make: those that PyTorch programs need.

``program`` assembles a classic BPF filter for seccomp(2). The filter refuses every
call that these tables do not list, with EPERM. Calls newer than the tables get
ENOSYS, so that a library falls back to the older call that it used before.

The numbers come from asm/unistd.h for x86_64 and from asm-generic/unistd.h for
aarch64. ``-`` means that the architecture does not have the call. A test compares
them with the headers. The filter is assembled here because libseccomp would be a
dependency in C, and its filters can't be cached and completed with a process id.
"""

import errno
import functools
import os
import struct
from collections.abc import Iterable

# Computing, files, memory, threads and time. Landlock and the mounts decide which files.
_ALLOWED = """
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69,
pwritev 296 70, preadv2 327 286, pwritev2 328 287, lseek 8 62, close 3 57, close_range 436 436, dup
32 23, dup2 33 -, dup3 292 24, pipe 22 -, pipe2 293 59, poll 7 -, ppoll 271 73, select 23 -,
pselect6 270 72, epoll_create 213 -, epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -,
epoll_pwait 281 22, epoll_pwait2 441 441, eventfd 284 -, eventfd2 290 19, open 2 -, openat 257 56,
openat2 437 437, creat 85 -, stat 4 -, fstat 5 80, lstat 6 -, newfstatat 262 79, statx 332 291,
access 21 -, faccessat 269 48, faccessat2 439 439, readlink 89 -, readlinkat 267 78, getdents 78 -,
getdents64 217 61, getcwd 79 17, chdir 80 49, fchdir 81 50, statfs 137 43, fstatfs 138 44, mkdir 83
-, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38, renameat2
316 276, link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36, ftruncate 77 46, truncate 76 45,
fsync 74 82, fdatasync 75 83, sync_file_range 277 84, umask 95 166, copy_file_range 326
285, sendfile 40 71, fadvise64 221 223, readahead 187 213, getxattr 191 8, lgetxattr 192 9,
fgetxattr 193 10, listxattr 194 11, llistxattr 195 12, flistxattr 196 13, mmap 9 222, munmap 11 215,
mprotect 10 226, mremap 25 216, madvise 28 233, brk 12 214, msync 26 227, rt_sigaction 13 134,
rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136, rt_sigtimedwait 128 137,
rt_sigsuspend 130 133, sigaltstack 131 132, pause 34 -, getpid 39 172, gettid 186 178, getppid 110
173, getuid 102 174, geteuid 107 175, getgid 104 176, getegid 108 177, getresuid 118 148, getresgid
120 150, getgroups 115 158, getpgrp 111 -, setsid 112 157, setpgid 109 154, exit 60 93, exit_group
231 94, wait4 61 260, waitid 247 95, futex 202 98, futex_waitv 449 449, set_robust_list 273 99,
get_robust_list 274 100, rseq 334 293, set_tid_address 218 96, membarrier 324 283, sched_yield 24
124, sched_getaffinity 204 123, sched_getparam 143 121, sched_getscheduler 145 120,
sched_get_priority_max 146 125, sched_get_priority_min 147 126, getcpu 309 168, nanosleep 35 101,
gettimeofday 96 169, time 201 -, times 100 153, timer_settime 223 110, timer_gettime 224 108,
timer_getoverrun 225 109, timer_delete 226 111, timerfd_create 283 85, timerfd_settime 286 86,
timerfd_gettime 287 87, getitimer 36 102, setitimer 38 103, alarm 37 -, uname 63 160, sysinfo 99
179, getrusage 98 165, getrlimit 97 163, setrlimit 160 164, getrandom 318 278, arch_prctl 158 -,
restart_syscall 219 128, getpriority 140 141
"""
# Allowed for some arguments only: see ``_by_argument``.
_BY_ARGUMENT = """
clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115, timer_create 222 107,
fallocate 285 47, getpgid 121 155, getsid 124 156, socketpair 53 199, clone 56 220, clone3 435 435,
prctl 157 167, fcntl 72 25, ioctl 16 29, prlimit64 302 261, sched_setaffinity 203 122, kill 62 129,
tkill 200 130, tgkill 234 131, socket 41 198
"""
# To start other programs, if the exercise allows it.
_PROCESSES = """
fork 57 -, vfork 58 -, execve 59 221, execveat 322 281
"""
# To communicate with those programs.
_SOCKETS = """
connect 42 203, bind 49 200, listen 50 201, accept 43 202, accept4 288 242, getsockname 51 204,
getpeername 52 205, sendto 44 206, recvfrom 45 207, sendmsg 46 211, recvmsg 47 212, sendmmsg 307
269, recvmmsg 299 243, shutdown 48 210, setsockopt 54 208, getsockopt 55 209
"""
# CUDA needs this call and sockets.
_GPU = """
memfd_create 319 279
"""
# Locks on files. A process can lock a file that it may only read, such as a file of Python, and
# everybody who locks it too would wait. So these calls do nothing and report success.
_LOCKS = """
flock 73 32
"""
# Changes to modes, owners and times, which Landlock does not control. If the process can name the
# files of others, these calls do nothing and report success, so that programs that copy their own
# files still work.
_ATTRIBUTES = """
chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, chown 92 -, fchown 93 55, lchown 94 -,
fchownat 260 54, utime 132 -, utimes 235 -, utimensat 280 88, futimesat 261 -
"""
# The same, but with the error of a file system that has no such attributes.
_EXTENDED_ATTRIBUTES = """
setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, removexattr 197 14, lremovexattr 198 15,
fremovexattr 199 16
"""

# Column in the tables, and the value from linux/audit.h.
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
# asm/unistd.h: x86_64 kernels accept the calls of the x32 ABI too, with numbers from here on.
_FIRST_X32 = 0x40000000
# The last number in the tables.
_NEWEST = 452

# linux/bpf_common.h, linux/filter.h
_LOAD = 0x20
_JUMP_EQUAL = 0x15
_JUMP_GREATER = 0x25
_JUMP_GREATER_EQUAL = 0x35
_JUMP_ANY_BIT = 0x45
_RETURN = 0x06
# struct seccomp_data in linux/seccomp.h: the offsets of the call's number, the architecture, and
# the low half of the first and second argument.
_NUMBER = 0
_ARCHITECTURE = 4
_FIRST = 16
_SECOND = 24
# linux/seccomp.h
_ALLOW = 0x7FFF0000
_ERRNO = 0x00050000

# linux/sched.h
_CLONE_THREAD = 0x00010000
# All flags CLONE_NEW*.
_NEW_NAMESPACES = 0x7E020000
# linux/prctl.h: PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP,
# PR_CAPBSET_READ, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS and PR_SET_VMA. They name a thread or a
# range of memory, or only read.
_PRCTL_ALLOWED = (2, 3, 15, 16, 21, 23, 38, 39, 0x53564D41)
# asm-generic/fcntl.h, linux/fcntl.h: F_SETOWN, F_SETSIG, F_SETOWN_EX and F_NOTIFY make the kernel
# send signals, also to other processes. F_SETLEASE blocks other processes.
_FCNTL_REFUSED = (8, 10, 15, 1024, 1026)
# asm-generic/fcntl.h: F_SETLK, F_SETLKW, F_OFD_SETLK and F_OFD_SETLKW, the other way to lock.
_FCNTL_LOCKS = (6, 7, 37, 38)
# asm-generic/ioctls.h: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX and FIOCLEX. Others type
# into terminals, choose who receives signals, or change a file that is open only for reading.
_IOCTL_ALLOWED = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# linux/time.h: from here on, a clock is a device or the CPU clock of another process.
_FIRST_FOREIGN_CLOCK = 16
# linux/socket.h
_AF_UNIX = 1

# Code, instructions to skip if the condition is true and if it is false, and a value.
_Instruction = tuple[int, int, int, int]
_PERMIT: _Instruction = (_RETURN, 0, 0, _ALLOW)
_REFUSE: _Instruction = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
# Stands for the process id in a cached filter. Linux assigns no such id, and no other value in
# the filter is the same.
_PLACEHOLDER = 0x7FFFFFFE


def supported() -> bool:
    """Return whether the tables cover the architecture of this machine."""
    return os.uname().machine in _ARCHITECTURES


def program(pid: int, *, subprocesses: bool, attributes: bool, gpu: bool = False) -> bytes:
    """Return the filter for the process ``pid``, as an array of ``struct sock_filter``.

    With ``subprocesses``, it may start programs and use local sockets. With
    ``attributes``, it may change modes, owners and times of files; only pass it if the
    mounts protect the files of others. With ``gpu``, it may use CUDA, which opens
    local sockets and creates shared memory.
    """
    parts = _template(subprocesses=subprocesses, attributes=attributes, gpu=gpu)
    return struct.pack("=I", pid).join(parts)


@functools.cache
def _template(*, subprocesses: bool, attributes: bool, gpu: bool) -> list[bytes]:
    """Return the filter, split at each place of the process id.

    The fork server caches it, so that a learner process only inserts its id.
    """
    rules = _by_argument(
        subprocesses=subprocesses, sockets=subprocesses or gpu, attributes=attributes
    )
    instructions = _by_number(subprocesses=subprocesses, attributes=attributes, gpu=gpu)
    for name, number in _table(_BY_ARGUMENT).items():
        rule = [*rules[name], _REFUSE]
        instructions.append((_JUMP_EQUAL, 0, len(rule), number))
        instructions += rule

    instructions.append(_REFUSE)

    packed = b""
    for instruction in instructions:
        packed += struct.pack("=HBBI", *instruction)
    return packed.split(struct.pack("=I", _PLACEHOLDER))


def _by_number(*, subprocesses: bool, attributes: bool, gpu: bool) -> list[_Instruction]:
    """Return the part of the filter that looks only at the number of the call."""
    tables = _ALLOWED
    if attributes:
        tables += "," + _ATTRIBUTES + "," + _EXTENDED_ATTRIBUTES
    if subprocesses:
        tables += "," + _PROCESSES
    if subprocesses or gpu:
        tables += "," + _SOCKETS
    if gpu:
        tables += "," + _GPU

    instructions = [
        # Another architecture has other numbers.
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, _ARCHITECTURES[os.uname().machine][1]),
        _REFUSE,
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GREATER_EQUAL, 0, 1, _FIRST_X32),
        _REFUSE,
        (_JUMP_GREATER, 0, 1, _NEWEST),
        _fail(errno.ENOSYS),
    ]
    for first, last in _ranges(_table(tables).values()):
        instructions += [(_JUMP_GREATER_EQUAL, 0, 2, first), (_JUMP_GREATER, 1, 0, last), _PERMIT]

    for number in _table(_LOCKS).values():
        instructions += [(_JUMP_EQUAL, 0, 1, number), _fail(0)]
    if not attributes:
        for number in _table(_ATTRIBUTES).values():
            instructions += [(_JUMP_EQUAL, 0, 1, number), _fail(0)]
        for number in _table(_EXTENDED_ATTRIBUTES).values():
            instructions += [(_JUMP_EQUAL, 0, 1, number), _fail(errno.EOPNOTSUPP)]

    return instructions


def _by_argument(
    *, subprocesses: bool, sockets: bool, attributes: bool
) -> dict[str, list[_Instruction]]:
    """Return what the filter permits of each call in ``_BY_ARGUMENT``. It refuses the rest."""
    itself = _if_equal(_FIRST, (0, _PLACEHOLDER), _PERMIT)
    common_clock = [
        (_LOAD, 0, 0, _FIRST),
        (_JUMP_GREATER_EQUAL, 1, 0, _FIRST_FOREIGN_CLOCK),
        _PERMIT,
    ]
    clone = _if_any_bit(_NEW_NAMESPACES, _REFUSE)
    if subprocesses:
        clone.append(_PERMIT)
        signal = [_PERMIT]
    else:
        clone += _if_any_bit(_CLONE_THREAD, _PERMIT)
        signal = _if_equal(_FIRST, (_PLACEHOLDER,), _PERMIT)

    local_socket: list[_Instruction] = []
    if sockets:
        local_socket = _if_equal(_FIRST, (_AF_UNIX,), _PERMIT)

    fcntl = _if_equal(_SECOND, _FCNTL_REFUSED, _REFUSE)
    fcntl += _if_equal(_SECOND, _FCNTL_LOCKS, _fail(0))
    # It can enlarge a file without writing, which the count of written bytes would miss.
    fallocate = _PERMIT if attributes else _fail(errno.EOPNOTSUPP)
    return {
        "clone": clone,
        # A filter can't read its flags, which are in memory. Without it, libraries use clone.
        "clone3": [_fail(errno.ENOSYS)],
        "prctl": _if_equal(_FIRST, _PRCTL_ALLOWED, _PERMIT),
        "fcntl": [*fcntl, _PERMIT],
        "ioctl": _if_equal(_SECOND, _IOCTL_ALLOWED, _PERMIT),
        "fallocate": [fallocate],
        **dict.fromkeys(("kill", "tkill", "tgkill"), signal),
        **dict.fromkeys(("socket", "socketpair"), local_socket),
        **dict.fromkeys(("getpgid", "getsid", "prlimit64", "sched_setaffinity"), itself),
        **dict.fromkeys(
            ("clock_gettime", "clock_getres", "clock_nanosleep", "timer_create"), common_clock
        ),
    }


def _fail(number: int) -> _Instruction:
    """Return the instruction that ends the call with this error; 0 reports success."""
    return (_RETURN, 0, 0, _ERRNO | number)


def _if_equal(offset: int, values: tuple[int, ...], then: _Instruction) -> list[_Instruction]:
    """Return the instructions that do ``then`` if the argument is one of ``values``."""
    instructions = [(_LOAD, 0, 0, offset)]
    for value in values:
        instructions += [(_JUMP_EQUAL, 0, 1, value), then]
    return instructions


def _if_any_bit(bits: int, then: _Instruction) -> list[_Instruction]:
    """Return the instructions that do ``then`` if the first argument has any of ``bits``."""
    return [(_LOAD, 0, 0, _FIRST), (_JUMP_ANY_BIT, 0, 1, bits), then]


@functools.cache
def _table(text: str, machine: str = "") -> dict[str, int]:
    """Return the name and number of each call in ``text`` that the architecture has."""
    column, _ = _ARCHITECTURES[machine or os.uname().machine]
    calls = {}
    for entry in text.split(","):
        name, *numbers = entry.split()
        if numbers[column] != "-":
            calls[name] = int(numbers[column])

    return calls


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first and last number of each run without a gap, for a shorter filter."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        first = number
        # It continues the last run if there is no gap.
        if runs and runs[-1][1] == number - 1:
            first, _ = runs.pop()
        runs.append((first, number))

    return runs
