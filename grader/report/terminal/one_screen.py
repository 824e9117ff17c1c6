"""A grade on one screen: the points, one thing to fix, and what to type next.

The page has to fit a terminal of 60 columns and 20 lines. It gives up what matters least first:
the values, then the explanation. The whole page is ``grade_page``.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec
from rich.console import Console, Group, RenderableType
from rich.text import Text

from grader.course.records import Entry
from grader.grades.grade import Case, CheckResult, Grade, Outcome
from grader.report.failure_summary import (
    SHOWN_OUTPUT_LINES,
    WHY,
    WIDEST,
    FailureSummary,
    mark,
    rubric_rows,
    summarize,
    verdict,
)
from grader.report.terminal import first_failure, values
from grader.report.terminal.first_failure import Place, Problem
from grader.report.terminal.values import Value
from grader.submission.files import Submission
from grader.text import count, single_spaced
from grader.text import lines as printable_lines

SMALLEST: Final = 12
"""Lines that the page needs with its head; with less room, the failure matters more."""
_BAR: Final = 20
_INDENT: Final = 2
_MOST_MESSAGE: Final = 3
_MIN_VALUES: Final = 4
_SHORT_VALUE: Final = 44
_MOST_CALL: Final = 4
"""Lines of a call, with the empty one above it, unless there is room left."""
_UNBROKEN: Final = re.compile(r"`[^`\n]{1,50}`|\((?:[\w.]{1,20}, ){1,4}[\w.]{0,20}\)")
"""Code and shapes, which are hard to read on two lines."""
_WARNING: Final = re.compile(r"^[^\s:]{1,200}:\d{1,9}: \w{0,80}Warning: ", re.MULTILINE)
"""How Python prints a warning."""
_JOINT: Final = "\ue000"
"""Stands for a space at which a line must not end; Rich breaks lines at every kind of space."""
Steps = Sequence[tuple[str, str]]
"""A word such as ``Next`` and what to do or to type, for each line at the end of a page."""


class Size(msgspec.Struct, frozen=True):
    """The room for a page."""

    columns: int
    lines: int


def fits(grade: Grade) -> bool:
    """Whether a grade has one thing to fix; other grades need the whole page."""
    if grade.status == "ungraded" or not grade.checks:
        return False

    return all(check.outcome is not Outcome.SKIPPED for check in grade.checks)


def page(
    grade: Grade,
    title: str,
    submission: Submission,
    entries: Sequence[Entry],
    size: Size,
    steps: Steps,
    *,
    before: int | None = None,
    with_head: bool = True,
) -> RenderableType:
    """The page of a grade that ``fits``; ``entries`` are what the exercise asks for.

    ``{line}`` in a step stands for the line to change; ``before`` are the points of the grade
    before. Without the head, the page begins with the failure.
    """
    screen = _Screen(min(size.columns, WIDEST))
    head: list[Text] = []
    if with_head:
        head = screen.head(grade, title, before)

    summary = summarize(grade)
    room = size.lines - len(head)
    if not summary.failures:
        end = screen.steps(steps, Place(grade.submission))
        room -= len(end)
        notes = screen.notes(grade, room)
        rubric = screen.rubric(grade, room - len(notes))
        if notes and len(rubric) + len(notes) < room:
            notes = [Text(), *notes]

        return Group(*head, *rubric, *notes, *end)

    check = summary.failures[0]
    problem = first_failure.problem_of(grade, check, submission, entries)
    if problem.is_import:
        steps = _with_import(steps)

    end = screen.steps(steps, problem.place)
    room -= len(end)
    needed = screen.failure(check, problem, room)
    room -= len(needed)
    more = screen.more(grade, summary, problem, room)
    return Group(*head, *needed, *more, *end)


def _with_import(steps: Steps) -> Steps:
    """The same steps, except that the learner adds an import and changes no line."""
    changed = []
    for word, step in steps:
        changed.append((word, step.replace("change {line}", "add the import")))

    return changed


class _Screen:
    """Makes the lines of the page, none of which is wider than the terminal."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._console = Console(width=columns)

    def head(self, grade: Grade, title: str, before: int | None) -> list[Text]:
        """The exercise, the points as a bar and in numbers."""
        one_line = single_spaced(title)
        name = Text.assemble((grade.exercise, "bold"), f"  {one_line}")
        file = grade.submission
        gap = self._columns - name.cell_len - len(file)
        if gap >= 2:
            name.append(" " * gap)
            name.append(file, "dim")

        name.truncate(self._columns, overflow="ellipsis")
        lines = [name, self._score(grade, before)]
        if grade.file_note:
            lines += self._wrapped(Text(grade.file_note, "yellow"))

        return [*lines, Text()]

    def _score(self, grade: Grade, before: int | None) -> Text:
        style = "green" if grade.passed else "yellow"
        verdict_style = "bold green" if grade.passed else "bold"
        line = Text()
        line.append(_bar(grade), style)
        line.append(f"  {verdict(grade)}", verdict_style)
        if before is not None and before != grade.points:
            self._append_if_it_fits(line, f" (was {before})", "")

        if not grade.passed:
            passed = [check for check in grade.checks if check.outcome is Outcome.PASSED]
            checks = count(len(grade.checks), "check")
            self._append_if_it_fits(line, f", {len(passed)} of {checks} passed", "dim")

        line.truncate(self._columns, overflow="ellipsis")
        return line

    def _append_if_it_fits(self, line: Text, more: str, style: str) -> None:
        if line.cell_len + len(more) <= self._columns:
            line.append(more, style)

    def failure(self, check: CheckResult, problem: Problem, room: int) -> list[Text]:
        """The failure that comes first: its title, the line, and what happened.

        These lines are always shown, and a long message gets what is left of ``room``.
        """
        place = problem.place
        title = Text.assemble((f"{mark(check)} ", "red"), (check.title, "bold"))
        where = Text(place.where, "dim")
        titles = self._wrapped(title, _INDENT)[:2]
        for line in titles[1:]:
            line.pad_left(_INDENT)

        lines = titles + self._indented(where)[:1]
        if place.text:
            lines += self._source(place)
        if problem.cause:
            lines += self._indented(Text(problem.cause, "red"))

        last: list[Text] = []
        if problem.advice:
            last = self._indented(Text(problem.advice))

        message = self._indented(Text(problem.message, "red"))
        left = room - len(lines) - len(last)
        return lines + _first_lines(message, max(_MOST_MESSAGE, left)) + last

    def _source(self, place: Place) -> list[Text]:
        """The line of the file, and a caret below it."""
        margin = " " * (2 * _INDENT)
        room = self._columns - len(margin) - 2
        start = 0
        # A long line is shown from near the caret on.
        if place.column >= room:
            start = place.column - room // 2

        shown = place.text[start : start + room]
        line = Text(margin + shown, "bold cyan")
        if start + room < len(place.text):
            line = _cut(line)

        lines = [line]
        if place.column >= 0:
            column = place.column - start
            width = max(1, min(place.width, room - column))
            caret = " " * column + "^" * width
            lines.append(Text(margin + caret, "bold red"))

        return lines

    def more(
        self, grade: Grade, summary: FailureSummary, problem: Problem, room: int
    ) -> list[Text]:
        """What explains the first failure, in at most ``room`` lines, besides the ``problem``."""
        check = summary.failures[0]
        if problem.advice:
            # The same happens with any arguments.
            return self.notes(grade, room, problem.advice)

        # Enough of everything that is short, then the rest in the order of its use.
        short, rest = self._why(summary)
        if problem.cause:
            # It is the explanation, and stands above.
            short, rest = [], []

        why = _first_lines(short, room)
        left = room - len(why)
        notes = self.notes(grade, left)
        left -= len(notes)
        whole = self._called(check)
        call = _if_it_fits(_first_lines(whole, _MOST_CALL), left)
        left -= len(call)

        length = self._length_of_values(check)
        least = self._least_values(check, len(rest))
        whole_call, given = self._arguments(check)
        short_call = _first_lines(whole_call, _MOST_CALL)
        grows = len(short_call) + len(given) - len(call)
        shown: list[Text] = []
        if call and given and left - grows >= length:
            # A small example that fits whole says more than a long explanation.
            whole = whole_call
            call = short_call
            left -= grows
            shown = self._pair(check, length)
        elif length and left >= least:
            if len(rest) <= left - least:
                why += rest
                left -= len(rest)
                rest = []

            given = []
            shown = self._pair(check, min(left, length))
        else:
            given = []

        left -= len(shown)
        if len(rest) <= left and why == short:
            why += rest
            left -= len(rest)

        if why and left:
            why = [Text(), *why]
            left -= 1

        if call:
            left += len(call)
            call = _first_lines(whole, left)
            left -= len(call)

        output: list[Text] = []
        if notes:
            output = self._output(grade, left)

        return [*why, *call, *given, *shown, *notes, *output]

    def _least_values(self, check: CheckResult, extra: int) -> int:
        """Lines below which the values would show too little; ``extra`` explain the failure."""
        mine, theirs = _values(check)
        least = _MIN_VALUES
        if not values.fit_beside(mine, theirs, self._columns):
            least = 2 * _MIN_VALUES
        if values.have_one_shape(mine, theirs):
            return least

        # Of two values with different shapes, the shapes say most, and the message has them.
        return least + extra

    def _why(self, summary: FailureSummary) -> tuple[list[Text], list[Text]]:
        """The first paragraph of the explanation, and the others."""
        if not summary.explanation:
            return [], []

        paragraphs = []
        for written in summary.explanation.split("\n\n"):
            paragraphs.append(single_spaced(written))

        first, *others = paragraphs
        short = self._indented(Text.assemble((WHY, "bold"), " ", first))
        rest = []
        for paragraph in others:
            rest += [Text(), *self._indented(Text(paragraph))]

        return short, rest

    def _called(self, check: CheckResult) -> list[Text]:
        """The call with the dtype and shape of each argument, below an empty line."""
        called = _call(check)
        if check.case is None or not called:
            return []

        given = [f"{name}: {_short(value)}" for name, value in check.case.given.items()]
        if given:
            called = f"{_with(called)} {'; '.join(given)}"

        return [Text(), *self._indented(Text(called, "dim"))]

    def _arguments(self, check: CheckResult) -> tuple[list[Text], list[Text]]:
        """The call, and the values of its arguments if all of them fit next to each other."""
        called = _call(check)
        if check.case is None or not called:
            return [], []

        given = values.arguments(check.case.given, self._columns)
        return [Text(), *self._indented(Text(_with(called), "dim"))], given

    def _length_of_values(self, check: CheckResult) -> int:
        """Lines that the values take at most; 0 if there are not two of them."""
        mine, theirs = _values(check)
        if not mine.text or not theirs.text:
            return 0
        if values.fit_beside(mine, theirs, self._columns):
            return max(len(mine.lines), len(theirs.lines)) + 1

        return len(mine.lines) + len(theirs.lines) + 2

    def _pair(self, check: CheckResult, most: int) -> list[Text]:
        if most == 0:
            return []

        mine, theirs = _values(check)
        return values.pair(mine, theirs, self._columns, most)

    def notes(self, grade: Grade, room: int, known: str = "") -> list[Text]:
        """What the learner should know besides, such as cells that failed, if it fits.

        ``known`` is a note that the page has already.
        """
        lines: list[Text] = []
        notes = [note for note in grade.notes if note != known]
        for note in notes[:2]:
            lines += self._indented(Text(note, "yellow"))

        printed = grade.stdout.strip()
        if printed and not grade.passed:
            lines += self._indented(Text(_about_output(printed), "dim"))

        return _if_it_fits(lines, room)

    def _output(self, grade: Grade, room: int) -> list[Text]:
        """What the submission printed, as far as there is room below the notes."""
        # The last line says how many there are besides.
        most = min(room - 1, SHOWN_OUTPUT_LINES)
        printed = grade.stdout.strip()
        if not printed or most < 1:
            return []

        lines = []
        for row in printable_lines(printed, most=most).split("\n"):
            line = Text(2 * _INDENT * " " + row, "dim")
            line.truncate(self._columns, overflow="ellipsis")
            lines.append(line)

        return lines

    def rubric(self, grade: Grade, room: int) -> list[Text]:
        """The checks, if no failure may be shown or all checks passed.

        If there is little room, each check has one line, or there are none.
        """
        rows = rubric_rows(grade)
        whole: list[Text] = []
        cut: list[Text] = []
        for row in rows:
            width = self._columns - len(row.points) - 2
            title = Text(f"{row.mark} {row.title}")
            wrapped = title.wrap(self._console, width - _INDENT, overflow="fold")
            for number, line in enumerate(wrapped):
                line.rstrip()
                line.pad_left(_INDENT if number else 0)

            first, *others = wrapped
            first.pad_right(width - first.cell_len)
            first.append(f"  {row.points}")
            whole += [first, *others]

            title.truncate(width, overflow="ellipsis", pad=True)
            title.append(f"  {row.points}")
            cut.append(title)

        if len(whole) <= room:
            return whole
        if len(cut) <= room:
            return cut

        return []

    def steps(self, steps: Steps, place: Place) -> list[Text]:
        """What to do next, in two columns."""
        if not steps:
            return []

        lines = [Text()]
        width = max(len(word) for word, _ in steps)
        for word, step in steps:
            said = step.replace("{line}", place.short)
            left = word
            for right in self._wrapped(Text(said), width + 2):
                line = Text()
                line.append(f"{left:<{width}}  ", "bold")
                line.append_text(right)
                lines.append(line)
                # The word stands only beside the first line of its step.
                left = ""

        return lines

    def _indented(self, text: Text) -> list[Text]:
        lines = []
        for line in self._wrapped(text, _INDENT):
            indented = Text(" " * _INDENT)
            indented.append_text(line)
            lines.append(indented)

        return lines

    def _wrapped(self, text: Text, indent: int = 0) -> list[Text]:
        width = max(10, self._columns - indent)
        joined = text.copy()
        joined.plain = _UNBROKEN.sub(_join, text.plain)
        wrapped = joined.wrap(self._console, width, overflow="fold")
        for line in wrapped:
            line.rstrip()
            line.plain = line.plain.replace(_JOINT, " ")

        return list(wrapped)


def _about_output(printed: str) -> str:
    """What a submission printed, in a sentence: a warning is printed by Python itself."""
    number = count(printed.count("\n") + 1, "line")
    warned = _WARNING.search(printed)
    if warned is None:
        return f"Your code printed {number}."
    if warned.start() == 0:
        return "Your code caused a warning."

    return f"Your code printed {number}, with a warning."


def _bar(grade: Grade) -> str:
    """The points as a bar; a full one if there are none to get."""
    full = _BAR
    if grade.max_points:
        full = int(_BAR * (grade.points / grade.max_points))

    return "█" * full + "░" * (_BAR - full)


def _join(match: "re.Match[str]") -> str:
    return match[0].replace(" ", _JOINT)


def _cut(line: Text) -> Text:
    """``line`` with a sign that the text goes on."""
    cut = line.copy()
    cut.rstrip()
    cut.right_crop(1)
    cut.append("…")
    return cut


def _first_lines(lines: list[Text], room: int) -> list[Text]:
    """At most ``room`` lines, with a sign if there are more."""
    first = lines[: max(0, room)]
    if first and len(first) < len(lines):
        first[-1] = _cut(first[-1])

    return first


def _if_it_fits(lines: list[Text], room: int) -> list[Text]:
    if len(lines) > room:
        return []
    return lines


def _values(check: CheckResult) -> tuple[Value, Value]:
    """What the learner returned, and what was expected; both empty without a case."""
    case = check.case or Case()
    yours = f"yours: {case.compared}" if case.compared else "you returned"
    return Value(yours, case.returned), Value("expected", case.expected)


def _call(check: CheckResult) -> str:
    """The call, or what was done; empty if the learner should not see it."""
    case = check.case
    if case is None or check.outcome is Outcome.FORBIDDEN:
        return ""

    called = single_spaced(case.call or case.note)
    if case.is_smaller and case.call:
        return f"small example: {called}"
    if case.is_smaller:
        return f"Small example. {called}"
    if case.call:
        return f"called {called}"

    return called


def _with(called: str) -> str:
    """``called`` and the word before its arguments."""
    # A note is a sentence of its own.
    return f"{called} With" if called.endswith(".") else f"{called} with"


def _short(value: str) -> str:
    """A value on one line; of a tensor on several lines only dtype and shape."""
    last = value.rsplit("\n", maxsplit=1)[-1].strip()
    if last == value and len(value) <= _SHORT_VALUE:
        return value

    kind = last.rpartition("  ")[2]
    if len(kind) > _SHORT_VALUE:
        return f"{kind[:_SHORT_VALUE]}…"

    return kind
