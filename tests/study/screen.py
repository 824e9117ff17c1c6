"""A real terminal, driven by tmux: press keys and read the screen."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

GRADE = str(Path(sys.executable).parent / "grade")
needs_tmux = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="no tmux here: apt-get install tmux"
)


class Screen:
    """A shell in its own terminal."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def tmux(self, *words: str) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *words]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=30, check=True
        ).stdout

    def enter(self, line: str) -> None:
        """Type a line and Enter."""
        self.tmux("send-keys", "-l", "--", line) if line else None
        self.press("Enter")

    def press(self, *keys: str) -> None:
        """Press keys; tmux's names."""
        self.tmux("send-keys", *keys)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def text(self) -> str:
        """The text on the screen."""
        return self.tmux("capture-pane", "-p")

    def until(self, *wanted: str, without: str = "", seconds: float = 40) -> str:
        """Wait until the screen contains all of ``wanted`` and not ``without``; return its text."""
        return self.when(
            lambda text: all(part in text for part in wanted) and not (without and without in text),
            wanted,
            seconds,
        )

    def when(self, holds: Callable[[str], bool], what: object, seconds: float = 40) -> str:
        """Wait until ``holds`` accepts the screen; return its text. Errors call it ``what``."""
        end = time.monotonic() + seconds
        pause = 0.03
        while not holds(text := self.text()):
            assert time.monotonic() < end, f"{what} never came to be on the screen:\n{text}"
            time.sleep(pause)
            # Each look starts a process, and what takes long needs the cores itself.
            pause = min(0.2, 1.3 * pause)
        return text


@contextmanager
def screen(
    folder: Path, socket: Path, columns: int = 80, rows: int = 60, **environment: str
) -> Iterator[Screen]:
    """A shell in ``folder`` that knows the command ``grade``."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    settings = {
        "PS1": "ready> ",
        "PATH": path,
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        # The examiner of the first grade answers the next ones, as on a learner's machine.
        "GRADE_RESIDENT": "600",
        "CI": "",
        **environment,
    }
    shell = shlex.join(
        ["env", *(f"{name}={value}" for name, value in settings.items()), "bash", "--norc", "-i"]
    )
    opened = Screen(socket)
    size = ["-x", str(columns), "-y", str(rows)]
    opened.tmux("new-session", "-d", *size, "-c", str(folder), shell)
    try:
        opened.until("ready>")
        yield opened
    finally:
        opened.tmux("kill-server")
