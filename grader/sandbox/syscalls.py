"""The system calls of a learner process: what a PyTorch program needs, and no others.

``program`` assembles a classic BPF filter for seccomp(2). Everything that is not
listed is refused. A refusal is EPERM; calls too new for this table get ENOSYS, so
that libraries fall back to what they did before the call existed.

Numbers are those of asm/unistd.h for x86_64 and of asm-generic/unistd.h for
aarch64; ``-`` where an architecture lacks the call.
"""

import errno
import functools
import os
import struct
from typing import Final

# Computing, files, memory, own threads, time: where files may be, Landlock and the mounts say.
_ALLOWED: Final = """
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69, pwritev 296 70,
preadv2 327 286, pwritev2 328 287, lseek 8 62, close 3 57, close_range 436 436, dup 32 23, dup2 33 -, dup3 292 24,
pipe 22 -, pipe2 293 59, poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -,
epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22, epoll_pwait2 441 441, eventfd 284 -,
eventfd2 290 19, open 2 -, openat 257 56, openat2 437 437, creat 85 -, stat 4 -, fstat 5 80, lstat 6 -,
newfstatat 262 79, statx 332 291, access 21 -, faccessat 269 48, faccessat2 439 439, readlink 89 -,
readlinkat 267 78, getdents 78 -, getdents64 217 61, getcwd 79 17, chdir 80 49, fchdir 81 50, statfs 137 43,
fstatfs 138 44, mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, rename 82 -,
renameat 264 38, renameat2 316 276, link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36, ftruncate 77 46,
truncate 76 45, fsync 74 82, fdatasync 75 83, sync_file_range 277 84, flock 73 32, umask 95 166,
copy_file_range 326 285, sendfile 40 71, fadvise64 221 223, readahead 187 213, getxattr 191 8, lgetxattr 192 9,
fgetxattr 193 10, listxattr 194 11, llistxattr 195 12, flistxattr 196 13, mmap 9 222, munmap 11 215,
mprotect 10 226, mremap 25 216, madvise 28 233, brk 12 214, msync 26 227, rt_sigaction 13 134,
rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136, rt_sigtimedwait 128 137, rt_sigsuspend 130 133,
sigaltstack 131 132, pause 34 -, getpid 39 172, gettid 186 178, getppid 110 173, getuid 102 174, geteuid 107 175,
getgid 104 176, getegid 108 177, getresuid 118 148, getresgid 120 150, getgroups 115 158,
getpgrp 111 -, setsid 112 157, setpgid 109 154, exit 60 93, exit_group 231 94, wait4 61 260,
waitid 247 95, futex 202 98, futex_waitv 449 449, set_robust_list 273 99, get_robust_list 274 100, rseq 334 293,
set_tid_address 218 96, membarrier 324 283, sched_yield 24 124, sched_getaffinity 204 123, sched_getparam 143 121,
sched_getscheduler 145 120, sched_get_priority_max 146 125, sched_get_priority_min 147 126, getcpu 309 168,
nanosleep 35 101, gettimeofday 96 169,
time 201 -, times 100 153, timer_settime 223 110, timer_gettime 224 108,
timer_getoverrun 225 109, timer_delete 226 111, timerfd_create 283 85, timerfd_settime 286 86,
timerfd_gettime 287 87, getitimer 36 102, setitimer 38 103, alarm 37 -, uname 63 160, sysinfo 99 179,
getrusage 98 165, getrlimit 97 163, setrlimit 160 164, getrandom 318 278, arch_prctl 158 -,
restart_syscall 219 128, getpriority 140 141
"""
# Allowed by what they are asked for: see ``program``.
_BY_ARGUMENT: Final = """
clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115, timer_create 222 107,
fallocate 285 47, getpgid 121 155, getsid 124 156, socketpair 53 199,
clone 56 220, clone3 435 435, prctl 157 167, fcntl 72 25, ioctl 16 29, prlimit64 302 261,
sched_setaffinity 203 122, kill 62 129, tkill 200 130, tgkill 234 131, socket 41 198
"""
# Starting other programs, where the exercise allows it.
_PROCESSES: Final = """
fork 57 -, vfork 58 -, execve 59 221, execveat 322 281
"""
# Talking to them.
_SOCKETS: Final = """
connect 42 203, bind 49 200, listen 50 201, accept 43 202, accept4 288 242, getsockname 51 204,
getpeername 52 205, sendto 44 206, recvfrom 45 207, sendmsg 46 211, recvmsg 47 212, sendmmsg 307 269,
recvmmsg 299 243, shutdown 48 210, setsockopt 54 208, getsockopt 55 209
"""
# What CUDA needs besides sockets.
_GPU: Final = """
memfd_create 319 279
"""
# Modes, owners and times, which Landlock does not look at: where files of others can be named, these calls do
# nothing and say that they did, so that copying one's own files goes on working.
_ATTRIBUTES: Final = """
chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, chown 92 -, fchown 93 55, lchown 94 -,
fchownat 260 54, utime 132 -, utimes 235 -, utimensat 280 88, futimesat 261 -
"""
# Likewise, but refused as a file system without them refuses.
_EXTENDED_ATTRIBUTES: Final = """
setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16
"""

_ARCHITECTURES: Final = {
    "x86_64": (0, 0xC000003E),
    "aarch64": (1, 0xC00000B7),
}  # column, linux/audit.h
_FIRST_X32: Final = 0x40000000  # asm/unistd.h: calls of another ABI, by numbers of their own
_NEWEST: Final = 452

# linux/bpf_common.h, linux/filter.h
_LOAD: Final = 0x20
_JUMP_EQUAL: Final = 0x15
_JUMP_GREATER: Final = 0x25
_JUMP_GREATER_EQUAL: Final = 0x35
_JUMP_ANY_BIT: Final = 0x45
_RETURN: Final = 0x06
# struct seccomp_data of linux/seccomp.h: the number, the architecture, and the low halves of the arguments
_NUMBER, _ARCHITECTURE = 0, 4
_ARGUMENT: Final = tuple(16 + 8 * n for n in range(6))
_ALLOW: Final = 0x7FFF0000
_ERRNO: Final = 0x00050000

# linux/sched.h
_CLONE_THREAD: Final = 0x00010000
_NEW_NAMESPACES: Final = 0x7E020000  # all of CLONE_NEW*
# linux/prctl.h: PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP, PR_CAPBSET_READ,
# PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_VMA: naming a thread or a piece of memory, and asking
_PRCTL_ALLOWED: Final = (2, 3, 15, 16, 21, 23, 38, 39, 0x53564D41)
# asm-generic/fcntl.h, linux/fcntl.h: F_SETOWN, F_SETSIG, F_SETOWN_EX and F_NOTIFY have the kernel send signals,
# to others too; F_SETLEASE holds others up
_FCNTL_REFUSED: Final = (8, 10, 15, 1024, 1026)
# asm-generic/ioctls.h: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX; others type into terminals, choose
# who gets signals, or change a file that is only open for reading
_IOCTL_ALLOWED: Final = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# linux/time.h: the clocks that all have in common; from here on they are devices, and other processes' own
_FIRST_FOREIGN_CLOCK: Final = 16
_AF_UNIX: Final = 1

_Instruction = tuple[int, int, int, int]
_PLACEHOLDER: Final = 0x7FFFFFFE
"""A process id that Linux never gives, nor any other number of the filter."""


def supported() -> bool:
    """Whether there is a table for this machine's architecture."""
    return os.uname().machine in _ARCHITECTURES


def program(pid: int, *, subprocesses: bool, attributes: bool, gpu: bool = False) -> bytes:
    """The filter for the process ``pid``, as an array of ``struct sock_filter``.

    ``subprocesses``: it may start programs and talk to them over local sockets.
    ``attributes``: it may change those of files; the mounts have to keep it from
    the files of others. ``gpu``: it may use CUDA, which talks to itself over local
    sockets and shares memory with itself.
    """
    return struct.pack("=I", pid).join(
        _around_the_pid(subprocesses=subprocesses, attributes=attributes, gpu=gpu)
    )


@functools.cache
def _around_the_pid(*, subprocesses: bool, attributes: bool, gpu: bool) -> list[bytes]:
    """The filter, cut where the process id stands: made once in the fork server, joined in each process."""
    sockets = subprocesses or gpu
    rules = _by_argument(
        _PLACEHOLDER, subprocesses=subprocesses, sockets=sockets, attributes=attributes
    )
    instructions = _by_number(subprocesses=subprocesses, attributes=attributes, gpu=gpu)
    for name, number in _table(_BY_ARGUMENT):
        instructions += [(_JUMP_EQUAL, 0, len(rules[name]) + 1, number), *rules[name], _REFUSE]
    program = b"".join(
        struct.pack("=HBBI", *instruction) for instruction in [*instructions, _REFUSE]
    )
    return program.split(struct.pack("=I", _PLACEHOLDER))


def _by_number(*, subprocesses: bool, attributes: bool, gpu: bool) -> list[_Instruction]:
    """The larger part of the filter: what is decided by the number of the call alone."""
    allowed = _numbers(_ALLOWED)
    plain, extended = _numbers(_ATTRIBUTES), _numbers(_EXTENDED_ATTRIBUTES)
    if attributes:
        allowed |= plain | extended
    if subprocesses:
        allowed |= _numbers(_PROCESSES)
    if subprocesses or gpu:
        allowed |= _numbers(_SOCKETS)
    if gpu:
        allowed |= _numbers(_GPU)
    instructions = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, _ARCHITECTURES[os.uname().machine][1]),
        _REFUSE,
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GREATER_EQUAL, 0, 1, _FIRST_X32),
        _REFUSE,
        (_JUMP_GREATER, 0, 1, _NEWEST),
        _give_back(errno.ENOSYS),
    ]
    for first, last in _ranges(allowed):
        instructions += [(_JUMP_GREATER_EQUAL, 0, 2, first), (_JUMP_GREATER, 1, 0, last), _PERMIT]
    if not attributes:
        for numbers, answer in ((plain, 0), (extended, errno.EOPNOTSUPP)):
            instructions += [
                part
                for number in numbers
                for part in ((_JUMP_EQUAL, 0, 1, number), _give_back(answer))
            ]
    return instructions


def _by_argument(
    pid: int, *, subprocesses: bool, sockets: bool, attributes: bool
) -> dict[str, list[_Instruction]]:
    """What is allowed of each call of ``_BY_ARGUMENT``; what falls through is refused."""
    itself = _if_equal(0, (0, pid), [_PERMIT])
    local = _if_equal(0, (_AF_UNIX,), [_PERMIT]) if sockets else []
    common = [
        (_LOAD, 0, 0, _ARGUMENT[0]),
        (_JUMP_GREATER_EQUAL, 1, 0, _FIRST_FOREIGN_CLOCK),
        _PERMIT,
    ]
    signal = [_PERMIT] if subprocesses else _if_equal(0, (pid,), [_PERMIT])
    return {
        "clone": [
            *_if_bits(0, _NEW_NAMESPACES, [_REFUSE]),
            *([_PERMIT] if subprocesses else _if_bits(0, _CLONE_THREAD, [_PERMIT])),
        ],
        # Its flags lie where no filter can see them; without it, libraries use clone.
        "clone3": [_give_back(errno.ENOSYS)],
        "prctl": _if_equal(0, _PRCTL_ALLOWED, [_PERMIT]),
        "fcntl": [*_if_equal(1, _FCNTL_REFUSED, [_REFUSE]), _PERMIT],
        "ioctl": _if_equal(1, _IOCTL_ALLOWED, [_PERMIT]),
        "prlimit64": itself,
        "sched_setaffinity": itself,
        "kill": signal,
        "tkill": signal,
        "tgkill": signal,
        "socket": local,
        "socketpair": local,
        "getpgid": itself,
        "getsid": itself,
        **dict.fromkeys(
            ("clock_gettime", "clock_getres", "clock_nanosleep", "timer_create"), common
        ),
        # A file could be given a size that no watch of what is written would see.
        "fallocate": [_PERMIT] if attributes else [_give_back(errno.EOPNOTSUPP)],
    }


def _give_back(number: int) -> _Instruction:
    return (_RETURN, 0, 0, _ERRNO | number)


_PERMIT: Final[_Instruction] = (_RETURN, 0, 0, _ALLOW)
_REFUSE: Final = _give_back(errno.EPERM)


def _if_equal(
    argument: int, values: tuple[int, ...], then: list[_Instruction]
) -> list[_Instruction]:
    """``then`` where the argument is one of ``values``."""
    body: list[_Instruction] = [(_LOAD, 0, 0, _ARGUMENT[argument])]
    for value in values:
        body += [(_JUMP_EQUAL, 0, len(then), value), *then]
    return body


def _if_bits(argument: int, bits: int, then: list[_Instruction]) -> list[_Instruction]:
    """``then`` where the argument has any of ``bits``."""
    return [(_LOAD, 0, 0, _ARGUMENT[argument]), (_JUMP_ANY_BIT, 0, len(then), bits), *then]


@functools.cache
def _table(text: str, machine: str = "") -> tuple[tuple[str, int], ...]:
    """Name and number of each call in ``text`` that the architecture has."""
    column = _ARCHITECTURES[machine or os.uname().machine][0]
    lines = (line.split() for line in text.replace("\n", " ").split(","))
    return tuple((name, int(numbers[column])) for name, *numbers in lines if numbers[column] != "-")


def _numbers(text: str) -> set[int]:
    return {number for _, number in _table(text)}


def _ranges(numbers: set[int]) -> list[tuple[int, int]]:
    """``numbers`` as runs without a gap: first and last of each."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
