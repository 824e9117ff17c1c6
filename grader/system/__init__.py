"""What differs between operating systems. No other code asks which system it is on.

``SYSTEM`` is the system that this process runs on. ``System`` says what it offers.
"""

import sys
from typing import Final

from grader.system.base import FORKED, LEARNERS_VARIABLE, SPAWNED, System

__all__ = ["FORKED", "LEARNERS_VARIABLE", "SPAWNED", "SYSTEM", "System"]


def _system() -> System:
    # Each of these modules imports what the other systems lack.
    if sys.platform == "linux":
        from grader.system.linux import Linux  # noqa: PLC0415

        return Linux()

    if sys.platform == "win32":
        from grader.system.windows import Windows  # noqa: PLC0415

        return Windows()

    from grader.system.posix import Posix  # noqa: PLC0415

    return Posix()


SYSTEM: Final = _system()
