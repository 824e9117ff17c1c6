"""How to grade: the choices that a command or a program makes once and passes on whole."""

from pathlib import Path
from typing import Final

import msgspec

from grader.course.location import default_root


class Settings(msgspec.Struct, frozen=True):
    """Course, learner, device and isolation of one run of the grader.

    Every field has a default, so ``Settings()`` grades on the CPU in the sandbox of this
    machine, and refuses other people's code if that sandbox does not separate it.
    """

    root: Path | None = None
    """Folder of the course that was named; None for the course in use."""
    learner: str = ""
    """The learner that was named; empty to leave that to the workspace or the answer sheet."""
    device: str = "cpu"
    """Where submissions compute: ``cpu``, ``cuda`` or ``mps``.

    A command also accepts ``auto`` and ``all``; it replaces them before an examiner starts.
    """
    isolation: str = "auto"
    """Every mode but ``none`` uses all sandbox layers that this machine supports.

    ``auto`` refuses other people's code if a layer is missing that separates it from files and
    processes. ``strict`` refuses all code if any layer is missing. ``weak`` refuses nothing.
    ``none`` uses no sandbox, to debug your own code.
    """

    @property
    def course(self) -> Path:
        """Folder of the course that was named, or else of the one that came with the grader."""
        return self.root or default_root()


DEFAULTS: Final = Settings()
"""The settings of a caller that chooses nothing."""
