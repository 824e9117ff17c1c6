"""A solution beside the learner's own, where the terminal is wide enough; else below it."""

from collections.abc import Iterable
from typing import Final, TextIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from grader import text
from grader.course.records import Exercise
from grader.report.terminal import grade_page
from grader.submission.files import Submission

_GAP: Final = 3


def write_code(exercise: Exercise, own: Submission | None, stream: TextIO) -> None:
    """Write the solution of an exercise of code, beside what was handed in."""
    theirs = (exercise.hidden / "solution.py").read_text("utf-8").rstrip()
    if own is None:
        _show(_headed("A solution", _python(theirs, stream)), stream)
        return
    source = own.source.decode("utf-8", "replace").expandtabs()
    mine = text.lines(source, len(source), len(source)).rstrip()
    widths = [max((len(line) for line in code.splitlines()), default=0) for code in (mine, theirs)]
    parts = [
        _headed(f"Yours, {own.name}", _python(mine, stream)),
        _headed("A solution", _python(theirs, stream)),
    ]
    if sum(widths) + _GAP > Console(file=stream).width:
        _show(Group(parts[0], Text(), parts[1]), stream)
        return
    table = Table.grid(padding=(0, _GAP, 0, 0))
    table.add_column(min_width=widths[0])
    table.add_column(min_width=widths[1])
    table.add_row(*parts)
    grade_page.show(table, stream)


def write_key(exercise: Exercise, answers: Iterable[tuple[str, str, str]], stream: TextIO) -> None:
    """Write a quiz's questions, each with what was answered and what PyTorch gives."""
    parts: list[RenderableType] = [Text.assemble((exercise.id, "bold"), f"  {exercise.spec.title}")]
    for question, written, key in answers:
        parts += [
            Text(),
            Text(question),
            Padding(Text(f"you answered   {text.one_line(written) or 'nothing'}"), (0, 0, 0, 2)),
            Padding(Text(f"PyTorch gives  {key}", "bold"), (0, 0, 0, 2)),
        ]
    grade_page.show(Group(*parts), stream)


def _show(what: RenderableType, stream: TextIO) -> None:
    """Show code, in whole lines where no terminal breaks them: a broken line would be no Python any more."""
    grade_page.show(what, stream, whole_lines=not stream.isatty())


def _headed(title: str, what: RenderableType) -> RenderableType:
    return Group(Text(title, "bold"), Rule(style="dim"), what)


def _python(code: str, stream: TextIO) -> RenderableType:
    """Python in the terminal's own colours, so that it can be read on a light one and on a dark one."""
    if not stream.isatty():
        return Text(code)
    return Syntax(code, "python", theme="ansi_dark", background_color="default", word_wrap=True)
