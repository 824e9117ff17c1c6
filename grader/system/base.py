"""What the grader asks of a system, and answers that are right wherever Python runs."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    import subprocess

FORKED: Final = "forked"
"""Learner processes are forked from a warm process."""
SPAWNED: Final = "spawned"
"""Learner processes are started ahead of need."""
LEARNERS_VARIABLE: Final = "GRADE_LEARNERS"
"""For developers: ``spawned`` does on this system what systems without a sandbox do."""


class System:
    """A system that has only what every Python has: no limits, no locks, no sandbox."""

    can_fork: ClassVar[bool] = False
    """Whether a process that has loaded torch can be forked safely."""
    has_residents: ClassVar[bool] = False
    """Whether an examiner can stay for later commands."""
    names_terminals: ClassVar[bool] = False
    """Whether the variable ``TERM`` names the kind of the terminal."""
    selects_pipes: ClassVar[bool] = False
    """Whether ``select`` can wait for a pipe."""
    environment: ClassVar[tuple[str, ...]] = ()
    """The variables that every program needs here."""
    own_group: ClassVar[dict[str, Any]] = {}
    """Arguments of ``subprocess.Popen`` for a process that Ctrl-C does not reach."""
    open_flags: ClassVar[int] = 0
    """Flags to open a file of a stranger: it never waits, and its bytes stay as they are."""
    no_follow: ClassVar[int] = 0
    """Another flag, with which opening a link fails."""
    keyboard: ClassVar[str] = "grader.cli.console"
    """The module whose ``Inbox`` waits for keys."""

    @property
    def learners(self) -> str:
        """``FORKED`` or ``SPAWNED``: how learner processes start."""
        if not self.can_fork or os.environ.get(LEARNERS_VARIABLE) == SPAWNED:
            return SPAWNED

        return FORKED

    def repair_signals(self) -> None:
        """Set back signals that a parent process may have left ignored."""

    def prepare_terminal(self) -> None:
        """Let the terminal understand escape codes, if that has to be asked for."""

    # Limits. Their names are those of the module ``resource``, without ``RLIMIT_``.

    def limit(self, name: str) -> int | None:  # noqa: ARG002
        """Return a limit of this process that it may raise; None if there is none."""
        return None

    def limits(self) -> list[tuple[str, Any]]:
        """Return all limits of this process, by name."""
        return []

    def set_limit(self, name: str, value: int) -> None:
        """Lower a limit for good, if this system has it."""

    def raise_limit(self, name: str, value: int) -> None:
        """Raise a limit to ``value``, as far as this process may."""

    def limit_cpu(self, seconds: float) -> None:
        """Let the system end this process after so much CPU time in all, if it can."""

    def kill_after(self, cpu_seconds: float) -> None:
        """Let this process end after so much CPU time; 0 stops that."""

    # Memory

    def data_bytes(self) -> int:
        """Return the bytes that this process has allocated, or 0 if that is unknown."""
        return 0

    def limit_growth(self, size: int) -> None:
        """Let this process allocate ``size`` more bytes, if such a limit works here."""

    def contain(self, memory_bytes: int) -> None:
        """Let this process and all that it starts allocate so much more, and end together.

        Only where the system does that by itself. The examiner also looks at the memory.
        """

    def peak_memory(self) -> int:
        """Return the most bytes of memory that this process has used, or 0 if that is unknown."""
        return 0

    # Processes

    def lower_priority(self, steps: int) -> None:
        """Let other processes go before this one."""

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """Kill a process that was started with ``own_group``, and what it has started."""
        process.kill()

    def interrupting(
        self, seconds: float, again: float, error: Callable[[], BaseException], *, is_cpu: bool
    ) -> contextlib.AbstractContextManager[None]:
        """Raise ``error()`` in the body of ``with`` after so many seconds, and ``again`` and again.

        They are seconds of CPU time if ``is_cpu``. Only for the main thread.
        """
        from grader.system import interrupts  # noqa: PLC0415 - only systems without timers need it

        return interrupts.interrupting(seconds, again, error, is_cpu=is_cpu)

    def is_reader_gone(self, error: OSError) -> bool:
        """Whether writing to a pipe failed because nobody reads from it any more."""
        return isinstance(error, BrokenPipeError)

    # Files

    @contextlib.contextmanager
    def hold(self, folder: str) -> Iterator[None]:
        """Lock ``folder`` for this process; raises ``BlockingIOError`` if another has the lock."""
        del folder
        yield

    def lock(self, descriptor: int, *, wait: bool) -> None:
        """Lock an open file; raises ``BlockingIOError`` if another has it, unless this may wait."""

    def unlock(self, descriptor: int) -> None:
        """Give the lock of an open file back."""
