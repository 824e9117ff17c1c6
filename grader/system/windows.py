"""A lock for folders, memory limits by job objects, and the console of Windows."""

import contextlib
import ctypes
import errno
import msvcrt
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, ClassVar

from grader.system.base import System

assert sys.platform == "win32"

_LOCK_FILE = ".grade-lock"
# The process itself (GetCurrentProcess).
_THIS_PROCESS = -1
# STD_OUTPUT_HANDLE and STD_ERROR_HANDLE.
_OUTPUTS = (-11, -12)
# ENABLE_VIRTUAL_TERMINAL_PROCESSING.
_ESCAPE_CODES = 4
# JobObjectExtendedLimitInformation.
_EXTENDED_LIMITS = 9
# JOB_OBJECT_LIMIT_PROCESS_MEMORY and JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE.
_LIMIT_AND_END = 0x100 | 0x2000


class Windows(System):
    """Locks, process trees and memory, as Windows has them."""

    environment = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE")
    # Ctrl-C goes to all processes of a console that are in no group of their own.
    own_group: ClassVar = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    # Without O_BINARY, the C library replaces line ends.
    open_flags = os.O_BINARY | os.O_NOINHERIT

    def prepare_terminal(self) -> None:
        kernel = ctypes.WinDLL("kernel32")
        for number in _OUTPUTS:
            stream = ctypes.c_void_p(kernel.GetStdHandle(number))
            mode = ctypes.c_uint32()
            # It fails for a file or a pipe.
            if kernel.GetConsoleMode(stream, ctypes.byref(mode)):
                kernel.SetConsoleMode(stream, mode.value | _ESCAPE_CODES)

    # The job object that this process is in. It ends when the last handle to it is closed, so
    # what the process started ends with the process.
    _job: Any = None

    def contain(self, memory_bytes: int) -> None:
        # Not yet run on Windows. If a call fails, what the examiner does about memory remains.
        used = _memory().commit
        if not used:
            return

        kernel = ctypes.WinDLL("kernel32")
        if self._job is None:
            kernel.CreateJobObjectW.restype = ctypes.c_void_p
            self._job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
            kernel.AssignProcessToJobObject(self._job, ctypes.c_void_p(_THIS_PROCESS))

        limits = _JobLimits()
        limits.flags = _LIMIT_AND_END
        limits.process_memory = used + memory_bytes
        size = ctypes.sizeof(limits)
        kernel.SetInformationJobObject(self._job, _EXTENDED_LIMITS, ctypes.byref(limits), size)

    def peak_memory(self) -> int:
        return _memory().peak_commit

    def is_reader_gone(self, error: OSError) -> bool:
        # Windows has no error of its own for it (bpo-19612). An error with a path is another one.
        if error.errno == errno.EINVAL and error.filename is None:
            return True

        return super().is_reader_gone(error)

    @contextlib.contextmanager
    def hold(self, folder: str) -> Iterator[None]:
        # A folder cannot be opened here, so a file in it is locked.
        path = os.path.join(folder, _LOCK_FILE)
        with open(path, "ab") as file:
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except OSError as error:
                raise BlockingIOError(error.errno, "locked by another process", path) from None

            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

        with contextlib.suppress(OSError):
            os.unlink(path)


class _Memory(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS (psapi.h)."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("page_faults", ctypes.c_uint32),
        ("peak_working_set", ctypes.c_size_t),
        ("working_set", ctypes.c_size_t),
        ("peak_paged_pool", ctypes.c_size_t),
        ("paged_pool", ctypes.c_size_t),
        ("peak_other_pool", ctypes.c_size_t),
        ("other_pool", ctypes.c_size_t),
        ("commit", ctypes.c_size_t),
        ("peak_commit", ctypes.c_size_t),
    )


class _JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION (winnt.h)."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


def _memory() -> _Memory:
    """What this process uses; all fields stay 0 if the call fails."""
    counters = _Memory()
    counters.size = ctypes.sizeof(counters)
    kernel = ctypes.WinDLL("kernel32")
    process = ctypes.c_void_p(_THIS_PROCESS)
    kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size)
    return counters
