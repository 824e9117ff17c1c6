"""The screen of ``grade watch``: draws the page of a ``State``, in parts if it is too long."""

import os
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from rich.cells import cell_len

from grader.report.terminal import grade_page, statement
from grader.study.watch import GradeReport, Part, State, Statement
from grader.submission.files import find_submission, submission_name

CLEAR: Final = "\x1b[2J\x1b[H"
_STYLE: Final = re.compile(r"\x1b\[[\d;]*m")


class Screen:
    """Where the pages are shown.

    Without a terminal, or with ``TERM=dumb``, pages follow one another and nothing is cleared.
    """

    def __init__(self, folder: Path, learner: str) -> None:
        self.scrolls = not sys.stdout.isatty() or os.environ.get("TERM") == "dumb"
        self._folder = folder
        self._learner = learner

    def draw(self, state: State, *, only_last: bool) -> None:
        """Show the page; with ``only_last``, an output that scrolls gets only its last part."""
        if self.scrolls and only_last:
            _write(f"\n{self._text(state.page[-1])}")
            return
        page = self._texts(state.page)
        if self.scrolls:
            _write(f"{page}\n{self._footer(state)}")
            return
        terminal = os.get_terminal_size(sys.stdout.fileno())
        place = ""
        # A terminal that a program opened may not know its size.
        if terminal.columns and terminal.lines:
            page, place = self._fit(state, page, terminal)
        _write(f"{CLEAR}{page}\n{self._footer(state, place)}")

    def clear(self) -> None:
        """Clear the screen."""
        if not self.scrolls:
            _write(CLEAR)

    def _fit(self, state: State, page: str, terminal: os.terminal_size) -> tuple[str, str]:
        """The part of ``page`` to show on a terminal of this size, and which part that is."""
        footer = self._footer(state).splitlines()
        # An empty line stands above the footer, and the cursor below it.
        room = terminal.lines - 2 - sum(_height(line, terminal.columns) for line in footer)
        if len(_split(page, terminal.columns, room)) <= 1:
            return page, ""
        # The latest addition comes first: the learner asked for it last.
        first, *added = state.page
        page = self._texts((*reversed(added), first), is_short=True)
        screens = _split(page, terminal.columns, room)
        number = state.turned % len(screens)
        return screens[number], f"   part {number + 1} of {len(screens)}, space for more"

    def _footer(self, state: State, place: str = "") -> str:
        path = find_submission(state.exercise, self._folder)
        name = path.name if path else state.exercise.id
        now = f"{datetime.now():%H:%M:%S}"  # noqa: DTZ005 - the learner's own clock
        return f"{now}  watching {name}{place}\n{'   '.join(state.keys)}\n"

    def _texts(self, parts: tuple[Part, ...], *, is_short: bool = False) -> str:
        return "\n".join(self._text(part, is_short=is_short) for part in parts)

    def _text(self, part: Part, *, is_short: bool = False) -> str:
        """A part as text; the verdict comes first on a screen too short for the whole page."""
        if isinstance(part, Statement):
            exercise = part.exercise
            file = submission_name(exercise)
            then = f"Write your {exercise.spec.content} in {file} and save it."
            return grade_page.as_text(statement.page(exercise, self._learner, then), sys.stdout)
        if isinstance(part, GradeReport):
            layout = grade_page.verdict_first if is_short else grade_page.page
            return grade_page.as_text(layout(part.grade, part.exercise.spec.title), sys.stdout)
        return "".join(f"{line}\n" for line in part.lines)


def _split(page: str, columns: int, room: int) -> list[str]:
    """Cut ``page`` into screens of ``room`` lines; none starts with an empty line."""
    screens: list[str] = []
    left = 0
    for line in page.splitlines():
        height = _height(line, columns)
        if height > left:
            if not line.strip():
                continue
            screens.append("")
            left = room
        screens[-1] += f"{line}\n"
        left -= height
    return screens


def _height(line: str, columns: int) -> int:
    """How many lines of the terminal ``line`` takes."""
    width = cell_len(_STYLE.sub("", line))
    return max(1, -(-width // columns))


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
