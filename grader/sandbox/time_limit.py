"""End a part of a submission's code after a time, inside its own process.

The code can prevent this; then the examiner ends the process.
"""

import contextlib
import time
from collections.abc import Iterator

from grader.system import SYSTEM

# If the code catches the exception, it comes again after this time.
_AGAIN_SECONDS = 0.05

# Code that sleeps, or a busy machine, may take so many seconds for each second of CPU time.
_PATIENCE = 2


class CutOff(BaseException):
    """The time is over. Not an ``Exception``, so that ``except Exception`` does not catch it."""


class Budget:
    """The time for loading a submission: seconds of CPU time, and seconds by the clock."""

    def __init__(self, cpu_seconds: float, clock_seconds: float) -> None:
        self._cpu_end = time.process_time() + cpu_seconds
        self._clock_end = time.monotonic() + clock_seconds

    @contextlib.contextmanager
    def limit(self, share: float) -> Iterator[None]:
        """Raise ``CutOff`` in the body after this share of the time that is left."""
        cpu = share * (self._cpu_end - time.process_time())
        clock = min(_PATIENCE * cpu, share * (self._clock_end - time.monotonic()))
        with (
            _timer(cpu, "of CPU time", is_cpu=True),
            _timer(clock, "by the clock", is_cpu=False),
        ):
            yield


def _timer(seconds: float, kind: str, *, is_cpu: bool) -> contextlib.AbstractContextManager[None]:
    def cut_off() -> CutOff:
        return CutOff(f"cut off after {max(seconds, 0):.1f} s {kind}")

    return SYSTEM.interrupting(seconds, _AGAIN_SECONDS, cut_off, is_cpu=is_cpu)
