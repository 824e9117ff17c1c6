"""Wait at a terminal for keys, events from other threads, resizes, and signals to end."""

import contextlib
import os
import select
import signal
import sys
import termios
import tty
from collections import deque
from collections.abc import Iterator
from types import FrameType
from typing import Any, Final, Self

from grader.study.watch_events import Key, Resized, Terminated

_ENDS: Final = (signal.SIGTERM, signal.SIGHUP)
_REDRAWS: Final = (signal.SIGWINCH, signal.SIGCONT)


class Inbox:
    """Collects all events for the main thread; a context manager that restores the terminal.

    Keys arrive without Enter and are not shown. Ctrl-C stays ``KeyboardInterrupt``.
    """

    def __init__(self) -> None:
        self._posted: deque[Any] = deque()
        self._terminal: int | None = None
        # Python has no stdin if it was started with a closed one.
        stdin = sys.stdin
        if stdin is not None and stdin.isatty():
            self._terminal = stdin.fileno()

        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        # Python writes the number of a signal into this pipe, and ``post`` a zero.
        self._wake, self._waker = os.pipe()
        for end in (self._wake, self._waker):
            os.set_blocking(end, False)

        if self._terminal is not None:
            self._saved = termios.tcgetattr(self._terminal)

        # A full pipe wakes the main thread anyway, so no warning is needed.
        self._previous_waker = signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        for number in (*_ENDS, *_REDRAWS):
            previous = signal.signal(number, self._handle)
            self._handlers[number] = previous

        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        # Restore this first: a signal must not write to the pipe after it is closed.
        signal.set_wakeup_fd(self._previous_waker)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

        self._restore()
        os.close(self._wake)
        os.close(self._waker)

    def post(self, event: object) -> None:
        """Add an event, from any thread."""
        self._posted.append(event)
        # A full pipe wakes the main thread already; behind a closed one nobody waits.
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._waker, b"\0")

    def wait(self, seconds: float | None) -> list[Any]:
        """The events since the last time; none if nothing happens for so many seconds."""
        watched = [self._wake]
        # Without a terminal, signals and other threads still wake it.
        if self._terminal is not None:
            watched.append(self._terminal)

        ready, _, _ = select.select(watched, [], [], seconds)
        events: list[Any] = []
        if self._terminal in ready:
            events += self._keys()
        if self._wake in ready:
            for number in os.read(self._wake, 4096):
                events += self._from_signal(number)

        while self._posted:
            events.append(self._posted.popleft())

        return events

    @contextlib.contextmanager
    def typing(self) -> Iterator[None]:
        """Let the learner type whole lines for a while, as in any other command."""
        self._restore()
        try:
            yield
        finally:
            self._listen()

    def _listen(self) -> None:
        if self._terminal is not None:
            # Ctrl-C stays a signal, which raw mode would not send.
            tty.setcbreak(self._terminal, termios.TCSADRAIN)

    def _restore(self) -> None:
        if self._terminal is None:
            return

        # The terminal may be gone.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._saved)

    def _keys(self) -> list[Any]:
        assert self._terminal is not None
        try:
            typed = os.read(self._terminal, 1024)
        except OSError:
            typed = b""

        if not typed:
            return [Terminated(signal.SIGHUP)]
        # An arrow key sends several characters at once; none of them is a command.
        if typed.startswith(b"\x1b"):
            return []

        return [Key(character) for character in typed.decode("utf-8", "ignore")]

    def _from_signal(self, number: int) -> list[Any]:
        """The event for a byte of the pipe: a signal's number, or 0 from ``post``."""
        if number == signal.SIGCONT:
            # The shell changed the terminal while the command was stopped.
            self._listen()

        if number in _REDRAWS:
            return [Resized()]
        if number in _ENDS:
            return [Terminated(number)]

        return []

    def _handle(self, number: int, frame: FrameType | None) -> None:
        """Do nothing: ``set_wakeup_fd`` wakes the main thread, which has work to do there."""
