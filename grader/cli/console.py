"""Wait for keys in a console that is no terminal of POSIX, such as those of Windows."""

import importlib
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

from grader.study.watch_events import Key

# A key waits for so many seconds at most.
_TICK: Final = 0.03
# The first character of an arrow key or a function key; another one follows.
_SPECIAL: Final = ("\0", "\xe0")


class Inbox:
    """Collects all events for the main thread; a context manager.

    Keys arrive without Enter and are not shown. Ctrl-C stays ``KeyboardInterrupt``.
    """

    def __init__(self) -> None:
        self._posted: deque[Any] = deque()
        # The module of Windows for its console.
        self._console: Any = None
        stdin = sys.stdin
        if stdin is not None and stdin.isatty():
            self._console = importlib.import_module("msvcrt")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing has to be restored."""

    def post(self, event: object) -> None:
        """Add an event, from any thread."""
        self._posted.append(event)

    def wait(self, seconds: float | None) -> list[Any]:
        """The events since the last time; none if nothing happens for so many seconds."""
        until = None if seconds is None else time.monotonic() + seconds
        events: list[Any] = []
        while not events:
            events += self._keys()
            while self._posted:
                events.append(self._posted.popleft())

            if until is not None and time.monotonic() >= until:
                break
            if not events:
                # Windows has nothing that waits for a key and for another thread, and that Ctrl-C
                # interrupts.
                time.sleep(_TICK)

        return events

    @contextmanager
    def typing(self) -> Iterator[None]:
        """Let the learner type whole lines for a while, as in any other command."""
        yield

    def _keys(self) -> list[Any]:
        keys: list[Any] = []
        while self._console is not None and self._console.kbhit():
            character = self._console.getwch()
            if character in _SPECIAL:
                self._console.getwch()
            elif character == "\x03":
                raise KeyboardInterrupt
            else:
                keys.append(Key(character))

        return keys
