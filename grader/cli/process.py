"""What the command ``grade`` expects of its process, whatever the parent process left it."""

import gc
import os
import sys
from io import TextIOWrapper
from typing import Final

from grader.system import SYSTEM

_OPEN_FILES: Final = 256
_NEW_OBJECTS: Final = 50_000
"""New objects after which Python looks for garbage; 700 by default."""


def prepare() -> None:
    """Repair the standard streams, signals, limits and variables of this process."""
    # Imports make many objects and no garbage.
    gc.set_threshold(_NEW_OBJECTS)
    _open_standard_streams()
    SYSTEM.repair_signals()
    SYSTEM.prepare_terminal()
    # Nothing is known about such a terminal, so it gets plain text.
    if SYSTEM.names_terminals and not os.environ.get("TERM"):
        os.environ["TERM"] = "dumb"

    # This process may not be allowed to raise it so far, which the examiner reports.
    SYSTEM.raise_limit("NOFILE", _OPEN_FILES)


def _open_standard_streams() -> None:
    """Open each standard stream that is closed; otherwise the next file would take its place."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            # The system gives the lowest number that is free.
            os.open(os.devnull, os.O_RDWR)

        if getattr(sys, name) is None:
            setattr(sys, name, _stream(descriptor))


def _stream(descriptor: int) -> TextIOWrapper:
    if descriptor == 0:
        return open(descriptor, encoding="utf-8", closefd=False)
    return open(descriptor, "w", encoding="utf-8", errors="replace", closefd=False)
