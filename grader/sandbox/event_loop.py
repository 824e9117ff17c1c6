"""An event loop of asyncio, also for a process that can't create sockets."""

import asyncio
import contextlib
import os

from grader.system import SYSTEM


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop that needs no sockets, if this system can do that."""
    return PipeEventLoop() if SYSTEM.selects_pipes else asyncio.new_event_loop()


class PipeEventLoop(asyncio.SelectorEventLoop):
    """An event loop that threads wake through a pipe, where asyncio would use two sockets."""

    def _make_self_pipe(self) -> None:
        self._reading, self._writing = os.pipe()
        for descriptor in (self._reading, self._writing):
            os.set_blocking(descriptor, False)
        self._add_reader(self._reading, self._read)  # type: ignore[attr-defined]

    def _close_self_pipe(self) -> None:
        self._remove_reader(self._reading)  # type: ignore[attr-defined]
        os.close(self._reading)
        os.close(self._writing)

    def _write_to_self(self) -> None:
        # If the pipe is full, the loop wakes up anyway.
        with contextlib.suppress(OSError):
            os.write(self._writing, b"\0")

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            os.read(self._reading, 4096)
