"""A solution next to the learner's own code if the terminal is wide enough, else below it."""

from collections.abc import Iterable
from typing import Final, TextIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from grader import text
from grader.course import loading
from grader.course.records import Exercise
from grader.report.terminal import grade_page
from grader.submission.files import Submission

_GAP: Final = 3


def write_code(exercise: Exercise, own: Submission | None, stream: TextIO) -> None:
    """Write the solution of a code exercise, next to the learner's submission if there is one."""
    solution = loading.solution(exercise)

    # Outside of a terminal, lines stay whole: a wrapped line would not be Python any more.
    whole_lines = not stream.isatty()
    right = _headed("A solution", _python(solution, stream))
    if own is None:
        grade_page.show(right, stream, whole_lines=whole_lines)
        return

    source = own.source.decode("utf-8", "replace").expandtabs()
    # The file is the learner's own, so it is shown whole, but without control characters.
    mine = text.lines(source, len(source), len(source)).rstrip()
    left = _headed(f"Yours, {own.name}", _python(mine, stream))

    left_width = _width(mine)
    right_width = _width(solution)
    terminal_width = Console(file=stream).width
    if left_width + _GAP + right_width > terminal_width:
        grade_page.show(Group(left, Text(), right), stream, whole_lines=whole_lines)
        return

    table = Table.grid(padding=(0, _GAP, 0, 0))
    table.add_column(min_width=left_width)
    table.add_column(min_width=right_width)
    table.add_row(left, right)
    grade_page.show(table, stream)


def _width(code: str) -> int:
    lengths = [len(line) for line in code.splitlines()]
    return max(lengths, default=0)


def write_key(exercise: Exercise, examples: Iterable[tuple[str, str]], stream: TextIO) -> None:
    """Write solved examples of a quiz's questions: ``examples`` are question and key."""
    head = Text.assemble((exercise.id, "bold"), f"  {exercise.spec.title}")
    about = Text("Solved with example numbers. Your own questions have other numbers.")
    parts: list[RenderableType] = [head, Text(), about]
    for question, key in examples:
        answer = Text(f"PyTorch gives  {key}", "bold")
        parts += [
            Text(),
            Text(question),
            Padding.indent(answer, 2),
        ]

    grade_page.show(Group(*parts), stream)


def _headed(title: str, what: RenderableType) -> RenderableType:
    return Group(Text(title, "bold"), Rule(style="dim"), what)


def _python(code: str, stream: TextIO) -> RenderableType:
    if not stream.isatty():
        return Text(code)
    # The terminal's own colors are readable on a light and on a dark background.
    return Syntax(code, "python", theme="ansi_dark", background_color="default", word_wrap=True)
