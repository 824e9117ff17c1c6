"""Takes turns: many threads grade side by side, or one grades alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Work that runs ``together``, or ``alone`` while all other work waits.

    Whoever wants to be alone goes first: nothing new begins together, so it need not wait long.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._at_work = 0
        self._want_alone = 0

    @property
    def is_awaited(self) -> bool:
        """Whether someone is alone, or waits to be."""
        return self._want_alone > 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Work beside others."""
        with self._changed:
            self._changed.wait_for(lambda: not self.is_awaited)
            self._at_work += 1
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until the others have finished, and work while they wait."""
        with self._changed:
            self._want_alone += 1
            try:
                self._changed.wait_for(lambda: not self._at_work)
                self._at_work += 1
            except BaseException:
                # Ctrl-C can end the wait.
                self._want_alone -= 1
                self._changed.notify_all()
                raise

        try:
            yield
        finally:
            with self._changed:
                self._want_alone -= 1
            self._leave()

    def _leave(self) -> None:
        with self._changed:
            self._at_work -= 1
            self._changed.notify_all()
