"""Makes a Python on Linux look like one on macOS or Windows, for the grader's own code.

A folder beside this file in ``PYTHONPATH`` does that in each process that is started. First it
imports what belongs to others: the standard library, PyTorch and other packages keep what they
have found, because they must still run on Linux; ``IMPORT_FIRST`` can name more of them. What is
imported later finds no module, function or constant that the system lacks, and no ``/proc``.
"""

import builtins
import contextlib
import ctypes
import fcntl
import importlib
import importlib.abc
import io
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import types
from collections.abc import Iterable

OTHERS = (
    "asyncio concurrent.futures getpass glob hashlib http.server importlib.metadata"
    " importlib.resources inspect linecache logging multiprocessing.connection pathlib platform"
    " queue random selectors shutil sqlite3 subprocess tempfile timeit traceback unittest uuid"
    " webbrowser xml.etree.ElementTree zipfile zoneinfo"
    " click jinja2 markdown_it msgspec rich.console rich.live rich.progress rich.syntax watchfiles"
    " yaml"
)
# Only these processes import them.
HEAVY = "numpy pytest _pytest.python torch torch.testing torch.utils.data torch.nn.utils"
# The modules that only Linux needs.
ONLY_LINUX = (
    "sandbox.filesystem sandbox.fork_server sandbox.forked sandbox.gpu_access sandbox.kernel"
    " sandbox.landlock sandbox.layers sandbox.memory sandbox.syscalls examiner.cpu_time"
    " examiner.forked system.linux"
)
LACKS = {
    os: {
        "darwin": "eventfd memfd_create pidfd_open pipe2 sched_getaffinity sched_setaffinity"
        " setresgid setresuid unshare setns splice",
        "win32": "chown fchmod fchown fork forkpty fstatvfs getegid geteuid getgid getgroups"
        " getpgid getpriority getresuid getuid killpg lchown mkfifo nice openpty posix_spawn pread"
        " pwrite set_blocking setgid setgroups setpgid setpriority setsid setuid statvfs sysconf"
        " uname wait3 wait4 O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_NOCTTY O_SYNC",
    },
    signal: {
        "darwin": "pidfd_send_signal sigtimedwait sigwaitinfo SIGPWR SIGSTKFLT",
        "win32": "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPROF SIGQUIT SIGSTOP SIGUSR1 SIGUSR2"
        " SIGWINCH SIGXCPU SIGXFSZ ITIMER_PROF ITIMER_REAL alarm getitimer pthread_kill"
        " pthread_sigmask setitimer sigpending sigwait",
    },
    select: {"darwin": "epoll", "win32": "epoll poll"},
    socket: {"darwin": "SO_PEERCRED", "win32": "AF_UNIX SO_PEERCRED recv_fds send_fds"},
    time: {"darwin": "", "win32": "clock_gettime clock_settime pthread_getcpuclockid"},
}
MODULES = {
    "darwin": "",
    "win32": "curses fcntl grp pty pwd readline resource syslog termios tty _posixsubprocess",
}


class Blocker(importlib.abc.MetaPathFinder):
    """Finds no module that the system lacks."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = set(names)

    def find_spec(self, name, path=None, target=None):
        if name in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def look_like(platform: str) -> None:
    """Make this process look as if ``sys.platform`` were ``platform``."""
    names = f"{OTHERS} {os.environ.get('IMPORT_FIRST', '')}"
    if {"grader.examiner", "grader.sandbox.spawned"} & set(sys.orig_argv):
        names += f" {HEAVY}"
    for name in names.split():
        importlib.import_module(name)
    # It is read on first use, from a file that is named after the system.
    sysconfig.get_config_vars()
    kill = signal.SIGKILL
    subprocess.Popen.kill = lambda self: self.send_signal(kill)
    if platform == "win32":
        _add_windows()
    only_linux = [f"grader.{name}" for name in ONLY_LINUX.split()]
    blocked = [*MODULES[platform].split(), *only_linux, "msvcrt" if platform == "darwin" else ""]
    sys.meta_path.insert(0, Blocker(blocked))
    for name in blocked:
        sys.modules.pop(name, None)
    for module, lacking in LACKS.items():
        for name in lacking[platform].split():
            with contextlib.suppress(AttributeError):
                delattr(module, name)
    for module, name in ((builtins, "open"), (io, "open"), (os, "open"), (os, "listdir")):
        setattr(module, name, without_proc(getattr(module, name)))
    sys.platform = platform


def without_proc(function):
    """Return ``function``, for which there is no ``/proc``."""

    def call(path, *arguments, **keywords):
        if str(path).startswith("/proc"):
            raise FileNotFoundError(2, "No such file or directory", path)
        return function(path, *arguments, **keywords)

    return call


def _add_windows() -> None:
    def locking(descriptor, mode, _size):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if mode else fcntl.LOCK_UN)
        except BlockingIOError:
            raise PermissionError(13, "Permission denied") from None

    console = types.ModuleType("msvcrt")
    console.locking, console.LK_UNLCK, console.LK_NBLCK = locking, 0, 2
    console.kbhit = lambda: False
    sys.modules["msvcrt"] = console
    os.O_BINARY = 0
    os.O_NOINHERIT = os.O_CLOEXEC
    subprocess.CREATE_NEW_PROCESS_GROUP = 0
    library = types.SimpleNamespace(
        K32GetProcessMemoryInfo=_memory_info,
        GetStdHandle=int,
        GetConsoleMode=_refused,
        # Linux has no jobs.
        CreateJobObjectW=lambda *_: 0,
        AssignProcessToJobObject=_refused,
        SetInformationJobObject=_refused,
    )
    ctypes.WinDLL = lambda _: library


def _refused(*_arguments):
    return 0


def _memory_info(_process, counters, _size):
    counters._obj.peak_commit = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return 1
