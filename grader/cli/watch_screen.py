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
from grader.report.terminal import grade_page, one_screen, statement
from grader.study import advice, progress
from grader.study.watch_state import GradeReport, Part, Running, ShownHint, State, Statement
from grader.submission.files import find_submission, submission_name

CLEAR: Final = "\x1b[2J\x1b[H"
_STYLE: Final = re.compile(r"\x1b\[[\d;]*m")
_TALL: Final = 2 * advice.COLUMNS
"""Lines of a page on a terminal that does not know its size."""


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

    def draw(self, state: State, *, only_last: bool, is_repeated: bool = False) -> None:
        """Show the page; with ``only_last``, an output that scrolls gets only its last part.

        If it ``is_repeated``, such an output gets nothing.
        """
        if self.scrolls:
            self._scroll(state, only_last=only_last, is_repeated=is_repeated)
            return

        # Not shutil.get_terminal_size: it reads COLUMNS and LINES, which a resize does not update.
        terminal = os.get_terminal_size(sys.stdout.fileno())
        # A terminal that a program opened may not know its size.
        columns = terminal.columns or advice.COLUMNS
        footer = self._footer(state, columns)
        # An empty line stands above the footer, and the cursor below it.
        heights = [_height(line, columns) for line in footer.splitlines()]
        room = (terminal.lines or _TALL) - 2 - sum(heights)
        screens = self._screens(state, columns, room)
        total = len(screens)
        # After the last part, space shows the first one again.
        number = state.page.turned % total if total else 0
        place = ""
        if total > 1:
            place = f"part {number + 1} of {total}, space for more"
            if number:
                place = f"part {number + 1} of {total}, space for more, b back"

        page = screens[number] if screens else ""
        footer = self._footer(state, columns, place)
        # Write everything at once, so that the screen does not flicker.
        _write(f"{CLEAR}{page}\n{footer}")

    def clear(self) -> None:
        """Clear the screen."""
        if not self.scrolls:
            _write(CLEAR)

    def _scroll(self, state: State, *, only_last: bool, is_repeated: bool) -> None:
        if is_repeated:
            return
        if only_last:
            # The rest of the page is still above it.
            last = self._text(state.page.parts[-1])
            _write(f"\n{last}")
            return

        page = "\n".join(self._text(part) for part in state.page.parts)
        footer = self._footer(state, advice.COLUMNS)
        _write(f"{page}\n{footer}")

    def _screens(self, state: State, columns: int, room: int) -> list[str]:
        """The page as screens of ``room`` lines; the first one has what matters most."""
        first, *added = state.page.parts or ([],)
        # The latest addition comes first: the learner asked for it last.
        additions = [self._text(part) for part in reversed(added)]
        if isinstance(first, GradeReport) and one_screen.fits(first.grade):
            above = "".join(f"{text}\n" for text in additions)
            left = room - len(above.splitlines())
            short = self._short(first, columns, left)
            screens = _split(above + short, columns, room)
            if not first.grade.passed:
                screens += _split(self._text(first), columns, room)

            return screens

        if additions and len(_split(self._text(first), columns, room)) > 1:
            return _split("\n".join([*additions, self._text(first)]), columns, room)

        whole = [self._text(first), *(self._text(part) for part in added)]
        return _split("\n".join(whole), columns, room)

    def _short(self, report: GradeReport, columns: int, lines: int) -> str:
        """A grade with one thing to fix."""
        steps = []
        if not report.grade.passed:
            steps.append(("Next", "change {line} and save"))

        notice: list[str] = []
        if report.grade.weak_isolation:
            notice = advice.wrapped(own_code_line(report.grade.weak_isolation))
            lines -= len(notice)

        spec = report.exercise.spec
        page = one_screen.page(
            report.grade,
            spec.title,
            report.submission,
            spec.entries,
            one_screen.Size(columns, lines),
            steps,
            before=report.points_before,
            with_head=report.grade.passed or lines >= one_screen.SMALLEST,
        )
        text = grade_page.as_text(page, sys.stdout)
        return text + "".join(f"{line}\n" for line in notice)

    def _footer(self, state: State, columns: int, place: str = "") -> str:
        exercise = state.exercise
        path = find_submission(exercise, self._folder)
        # A removed file is watched too, until it comes back.
        name = path.name if path else exercise.id
        # The time shows that a page with the same grade is a new one.
        now = f"{datetime.now():%H:%M:%S}"  # noqa: DTZ005 - the learner's own clock
        status = f"{now}  watching {name}"
        if place:
            status = f"{status}   {place}"
        if len(status) > columns:
            status = status.removeprefix(f"{now}  ")

        # A line that wraps would push the first line off the screen.
        status = status[: max(1, columns)]
        keys = "   ".join(state.keys)
        if len(keys) > columns:
            keys = "  ".join(state.keys)

        return f"{status}\n{keys}\n"

    def _text(self, part: Part) -> str:
        """A part as text, with everything that is in it."""
        if isinstance(part, Running):
            part = part.lines
        if isinstance(part, list):
            return "".join(f"{line}\n" for line in _narrowed(part))

        exercise = part.exercise
        spec = exercise.spec
        if isinstance(part, ShownHint):
            lines = advice.hint_while_watching(exercise, part.hint)
            return "".join(f"{line}\n" for line in lines)

        if isinstance(part, Statement):
            file = submission_name(exercise)
            then = f"Write your {spec.content} in {file} and save it."
            # A quiz asks with the numbers of this learner.
            attempts = progress.attempts_here(exercise, self._folder)
            facts = exercise_page(exercise, self._learner, then, attempts)
            page = statement.page(facts)
        elif self.scrolls:
            page = grade_page.page(part.grade, spec.title)
        else:
            # The verdict must not be on the last of several screens.
            page = grade_page.verdict_first(part.grade, spec.title)

        text = grade_page.as_text(page, sys.stdout)
        if isinstance(part, GradeReport) and part.grade.weak_isolation:
            text += f"{own_code_line(part.grade.weak_isolation)}\n"

        return text


def _narrowed(lines: list[str]) -> list[str]:
    """Lines as they are, or wrapped again if the terminal is narrower now."""
    room = advice.columns()
    narrowed: list[str] = []
    for line in lines:
        if len(line) <= room:
            narrowed.append(line)
        elif "  " in line.strip():
            # Columns that wrap cannot be read.
            narrowed.append(advice.shortened(line))
        else:
            indent = line[: len(line) - len(line.lstrip())]
            narrowed += advice.wrapped(line, indent)

    return narrowed


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
