"""The screen of ``grade watch``: draws the page of a ``State``, in parts if it is too long."""

import os
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from rich.cells import cell_len

from grader.grades.isolation import own_code_line
from grader.report.exercise_page import exercise_page
from grader.report.terminal import grade_page, statement
from grader.study.watch import Part, State, Statement
from grader.submission.files import find_submission, submission_name

CLEAR: Final = "\x1b[2J\x1b[H"
_STYLE: Final = re.compile(r"\x1b\[[\d;]*m")


class Screen:
    """Where the pages are shown.

    Without a terminal, or with ``TERM=dumb``, pages follow one another and nothing is cleared.
    """

    def __init__(self, folder: Path, learner: str) -> None:
        is_dumb = os.environ.get("TERM") == "dumb"
        # A screen reader or a file needs every page, one after the other.
        self.scrolls = is_dumb or not sys.stdout.isatty()
        self._folder = folder
        self._learner = learner

    def draw(self, state: State, *, only_last: bool) -> None:
        """Show the page; with ``only_last``, an output that scrolls gets only its last part."""
        if self.scrolls and only_last:
            # The rest of the page is still above it.
            last = self._text(state.page[-1])
            _write(f"\n{last}")
            return
        page = self._texts(state.page)
        if self.scrolls:
            footer = self._footer(state)
            _write(f"{page}\n{footer}")
            return
        # Not shutil.get_terminal_size: it reads COLUMNS and LINES, which a resize does not update.
        terminal = os.get_terminal_size(sys.stdout.fileno())
        place = ""
        # A terminal that a program opened may not know its size.
        if terminal.columns and terminal.lines:
            page, place = self._fit(state, page, terminal)
        footer = self._footer(state, place)
        # Write everything at once, so that the screen does not flicker.
        _write(f"{CLEAR}{page}\n{footer}")

    def clear(self) -> None:
        """Clear the screen."""
        if not self.scrolls:
            _write(CLEAR)

    def _fit(self, state: State, page: str, terminal: os.terminal_size) -> tuple[str, str]:
        """The part of ``page`` to show on a terminal of this size, and which part that is."""
        columns = terminal.columns
        footer = self._footer(state).splitlines()
        # An empty line stands above the footer, and the cursor below it.
        heights = [_height(line, columns) for line in footer]
        room = terminal.lines - 2 - sum(heights)
        screens = _split(page, columns, room)
        # The usual order of a grade ends with the verdict, which would be on another screen.
        if len(screens) <= 1:
            return page, ""
        # The latest addition comes first: the learner asked for it last.
        first, *added = state.page
        page = self._texts((*reversed(added), first), is_short=True)
        screens = _split(page, columns, room)
        total = len(screens)
        # After the last part, space shows the first one again.
        number = state.turned % total
        place = f"   part {number + 1} of {total}, space for more"
        return screens[number], place

    def _footer(self, state: State, place: str = "") -> str:
        exercise = state.exercise
        path = find_submission(exercise, self._folder)
        # A removed file is watched too, until it comes back.
        name = path.name if path else exercise.id
        # The time shows that a page with the same grade is a new one.
        now = f"{datetime.now():%H:%M:%S}"  # noqa: DTZ005 - the learner's own clock
        keys = "   ".join(state.keys)
        return f"{now}  watching {name}{place}\n{keys}\n"

    def _texts(self, parts: tuple[Part, ...], *, is_short: bool = False) -> str:
        texts = [self._text(part, is_short=is_short) for part in parts]
        return "\n".join(texts)

    def _text(self, part: Part, *, is_short: bool = False) -> str:
        """A part as text; the verdict comes first on a screen too short for the whole page."""
        if isinstance(part, list):
            # These lines are wrapped at 80 columns already.
            return "".join(f"{line}\n" for line in part)
        exercise = part.exercise
        spec = exercise.spec
        if isinstance(part, Statement):
            file = submission_name(exercise)
            then = f"Write your {spec.content} in {file} and save it."
            # A quiz asks with the numbers of this learner.
            facts = exercise_page(exercise, self._learner, then)
            page = statement.page(facts)
        elif is_short:
            # The verdict must not be on the last of several screens.
            page = grade_page.verdict_first(part.grade, spec.title)
        else:
            page = grade_page.page(part.grade, spec.title)
        text = grade_page.as_text(page, sys.stdout)
        if not isinstance(part, Statement) and part.grade.weak_isolation:
            text += f"{own_code_line(part.grade.weak_isolation)}\n"
        return text


def _split(page: str, columns: int, room: int) -> list[str]:
    """Cut ``page`` into screens of ``room`` lines; none starts with an empty line."""
    screens: list[str] = []
    left = 0
    for line in page.splitlines():
        height = _height(line, columns)
        # A line higher than the whole screen gets a screen of its own.
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
    plain = _STYLE.sub("", line)
    # Not len: some characters take two columns.
    width = cell_len(plain)
    full, rest = divmod(width, columns)
    if rest or not full:
        return full + 1
    return full


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
