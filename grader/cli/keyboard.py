"""What a command waits for at a terminal: single keys, other threads, another size, the end."""

import contextlib
import os
import select
import signal
import sys
import termios
import tty
from collections import deque
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any, Final, Self

import msgspec


class Key(msgspec.Struct, frozen=True):
    """A key was pressed."""

    character: str


class Resized(msgspec.Struct, frozen=True):
    """The terminal has another size, or is shown again after it was stopped."""


class Ended(msgspec.Struct, frozen=True):
    """Somebody asks this process to end: another program, or a terminal that is gone."""

    signal: int


_ENDS: Final = (signal.SIGTERM, signal.SIGHUP)
_REDRAWS: Final = (signal.SIGWINCH, signal.SIGCONT)


class Inbox:
    """All that happens, in one place for the main thread; a context manager, which gives the terminal back.

    Keys come without Enter and are not shown, where there is someone to press them. Ctrl-C stays
    ``KeyboardInterrupt``.
    """

    def __init__(self) -> None:
        self._posted: deque[Any] = deque()
        self._terminal = (
            sys.stdin.fileno() if sys.stdin is not None and sys.stdin.isatty() else None
        )
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        self._wake, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._saved = termios.tcgetattr(self._terminal) if self._terminal is not None else None
        self._wakeup_before = signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        self._before = {
            number: signal.signal(number, self._noticed) for number in (*_ENDS, *_REDRAWS)
        }
        self._listen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._restore()
        os.close(self._wake)
        os.close(self._waker)

    def post(self, event: object) -> None:
        """Hand in an event, from any thread."""
        self._posted.append(event)
        with contextlib.suppress(
            BlockingIOError, OSError
        ):  # full: it wakes already; closed: nobody waits
            os.write(self._waker, b"\0")

    def wait(self, seconds: float | None) -> list[Any]:
        """What has happened, at the latest after so many seconds."""
        watched = [self._wake] + ([self._terminal] if self._terminal is not None else [])
        ready = select.select(watched, [], [], seconds)[0]
        events: list[Any] = []
        if self._terminal in ready:
            events += self._keys()
        if self._wake in ready:
            events += [self._of_signal(number) for number in os.read(self._wake, 4096) if number]
        while self._posted:
            events.append(self._posted.popleft())
        return [event for event in events if event is not None]

    @contextlib.contextmanager
    def typing(self) -> Iterator[None]:
        """Lines can be typed for a while, as in any other command."""
        self._restore()
        try:
            yield
        finally:
            self._listen()

    def _listen(self) -> None:
        if self._terminal is not None:
            tty.setcbreak(self._terminal, termios.TCSADRAIN)

    def _restore(self) -> None:
        if self._terminal is not None:
            with contextlib.suppress(termios.error):  # the terminal is gone
                termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._saved or [])

    def _keys(self) -> list[Any]:
        assert self._terminal is not None
        try:
            typed = os.read(self._terminal, 1024)
        except OSError:
            typed = b""
        if not typed:
            return [Ended(signal.SIGHUP)]
        # An arrow key comes as several characters at once, of which none is meant.
        return (
            []
            if typed.startswith(b"\x1b")
            else [Key(character) for character in typed.decode("utf-8", "ignore")]
        )

    def _of_signal(self, number: int) -> object:
        if number == signal.SIGCONT:
            self._listen()  # the shell had its own way with the terminal
        if number in _REDRAWS:
            return Resized()
        return Ended(number) if number in _ENDS else None

    def _noticed(self, number: int, frame: FrameType | None) -> None:
        """Nothing to do here: ``set_wakeup_fd`` has told the main thread."""
