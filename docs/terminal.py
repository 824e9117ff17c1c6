"""Draws ``terminal.svg``, the picture in the README: ``python docs/terminal.py``.

It grades a wrong submission in a real terminal and keeps what that prints.
"""

import os
import pty
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

COLUMNS, LINES = 80, 24
ROOT = Path(__file__).parents[1]
SUBMISSION = ROOT / "solutions" / "exercise3" / "wrong" / "not_transposed.py"
PICTURE = Path(__file__).with_name("terminal.svg")


def output(command: str, folder: str) -> str:
    """Run a command in a terminal; return what it prints, with its colors."""
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "TERM": "xterm-256color",
        "COLUMNS": str(COLUMNS),
        "LINES": str(LINES),
        "GRADE_LEARNER": "ada",
    }
    process = subprocess.Popen(
        shlex.split(command), cwd=folder, env=environment, stdin=theirs, stdout=theirs
    )
    os.close(theirs)
    printed = b""
    # Reading fails when the program closes the terminal.
    while chunk := _read(ours):
        printed += chunk
    process.wait()
    os.close(ours)
    return printed.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def main() -> None:
    """Draw the picture."""
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"), force_terminal=True)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(SUBMISSION, Path(folder, "exercise3.py"))
        # A workspace knows the hints that are left.
        output("grade start", folder)
        command = "grade exercise3 --seed 6"
        console.print(f"[bold]$[/] {command}", highlight=False)
        # A line that was erased again is not part of the picture.
        lines = [line.rpartition("\r\x1b[2K")[2] for line in output(command, folder).split("\n")]
        console.print(Text.from_ansi("\n".join(lines)))
    console.save_svg(str(PICTURE), title="grade", theme=DIMMED_MONOKAI)


if __name__ == "__main__":
    main()
