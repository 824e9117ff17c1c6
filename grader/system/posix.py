"""macOS and other systems of the Unix family. Linux adds to it."""

import contextlib
import fcntl
import math
import os
import resource
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from grader.system.base import System

if TYPE_CHECKING:
    import subprocess


class Posix(System):
    """Limits, signals, timers, process groups and locks, as POSIX has them."""

    names_terminals = True
    selects_pipes = True
    # Libraries that are not in the usual places.
    environment: ClassVar[tuple[str, ...]] = ("DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH")
    own_group: ClassVar[dict[str, Any]] = {"start_new_session": True}
    open_flags = os.O_CLOEXEC | os.O_NONBLOCK
    no_follow = os.O_NOFOLLOW
    keyboard = "grader.cli.keyboard"
    # getrusage(2) counts in bytes on macOS.
    _unit_of_memory = 1

    def repair_signals(self) -> None:
        # With this signal ignored, the kernel tells nobody how a child ended.
        if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def limit(self, name: str) -> int | None:
        soft, _ = resource.getrlimit(_number(name))
        if soft == resource.RLIM_INFINITY:
            return None

        return soft

    def limits(self) -> list[tuple[str, Any]]:
        found = []
        for name in sorted(dir(resource)):
            if name.startswith("RLIMIT_"):
                number = getattr(resource, name)
                found.append((name, resource.getrlimit(number)))

        return found

    def set_limit(self, name: str, value: int) -> None:
        # Some systems have limits that they refuse to set.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(_number(name), (value, value))

    def raise_limit(self, name: str, value: int) -> None:
        number = _number(name)
        soft, hard = resource.getrlimit(number)
        if soft == resource.RLIM_INFINITY or soft >= value:
            return
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)

        # Some systems have limits that they refuse to set.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(number, (value, hard))

    def limit_cpu(self, seconds: float) -> None:
        number = resource.RLIMIT_CPU
        _, hard = resource.getrlimit(number)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(number, (math.ceil(seconds), hard))

    def kill_after(self, cpu_seconds: float) -> None:
        # The signal has no handler, so it kills the process even while C code runs.
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)

    def peak_memory(self) -> int:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_maxrss * self._unit_of_memory

    def lower_priority(self, steps: int) -> None:
        os.nice(steps)

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)

        process.kill()

    @contextlib.contextmanager
    def interrupting(
        self, seconds: float, again: float, error: Callable[[], BaseException], *, is_cpu: bool
    ) -> Iterator[None]:
        timer, number = signal.ITIMER_REAL, signal.SIGALRM
        if is_cpu:
            timer, number = signal.ITIMER_PROF, signal.SIGPROF

        is_on = True

        def end(*_: object) -> None:
            if is_on:
                raise error()

        previous: Any = signal.signal(number, end)
        try:
            signal.setitimer(timer, max(seconds, again), again)
            yield
        finally:
            # First, because Python may handle a signal after each of the calls below.
            is_on = False
            signal.setitimer(timer, 0)
            # The code in between may have set its own.
            if signal.getsignal(number) is end:
                signal.signal(number, previous or signal.SIG_DFL)

    @contextlib.contextmanager
    def hold(self, folder: str) -> Iterator[None]:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            try:
                self.lock(descriptor, wait=False)
            except BlockingIOError:
                raise
            except OSError:
                # Some network drives have no locks.
                pass

            yield
        finally:
            os.close(descriptor)

    def lock(self, descriptor: int, *, wait: bool) -> None:
        operation = fcntl.LOCK_EX
        if not wait:
            operation |= fcntl.LOCK_NB

        fcntl.flock(descriptor, operation)

    def unlock(self, descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _number(name: str) -> int:
    number: int = getattr(resource, f"RLIMIT_{name}")
    return number
