"""A grade as a page in the terminal, or as plain text in a file or a pipe."""

import os
import textwrap
from collections.abc import Iterator, Sequence
from typing import Final, TextIO

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from grader import text
from grader.grades.grade import CheckResult, Grade, Outcome
from grader.report.failure_summary import (
    NOTES,
    SHOWN_OUTPUT_LINES,
    WHY,
    FailureSummary,
    facts,
    mark,
    rubric_rows,
    skip_reasons,
    summarize,
    verdict,
)

# About two lines of 80 columns. The question of a quiz can have six.
_LONGEST_TITLE: Final = 110
_MISSED: Final = "red"
_STYLES: Final = {
    **dict.fromkeys(Outcome, _MISSED),
    Outcome.PASSED: "green",
    Outcome.SKIPPED: "yellow",
    Outcome.UNGRADED: "magenta",
}
# Rich puts inline code on a black background, which a light terminal does not have.
_THEME: Final = Theme({"markdown.code": "cyan"})


def write(grade: Grade, title: str, stream: TextIO) -> None:
    """Write the page of a grade."""
    show(page(grade, title), stream)


def write_all(grades: Sequence[Grade], title: str, stream: TextIO) -> None:
    """Write the grades of one submission on several devices.

    The page is that of the first device with a failure; a table of all devices follows.
    """
    failed = [grade for grade in grades if grade.exit_code]
    shown = (failed or grades)[0]
    both = Group(
        page(shown, title),
        Text(),
        _device_table(grades),
    )
    show(both, stream)


def show(what: RenderableType, stream: TextIO, *, whole_lines: bool = False) -> None:
    """Write a page: with colors to a terminal, as plain text elsewhere or with ``NO_COLOR``."""
    stream.write(as_text(what, stream, whole_lines=whole_lines))


def as_text(what: RenderableType, stream: TextIO, *, whole_lines: bool = False) -> str:
    """Render a page for ``stream``, at the width of that stream.

    With ``whole_lines``, long lines are not wrapped.
    """
    plain = bool(os.environ.get("NO_COLOR")) or not stream.isatty()
    console = Console(
        file=stream,
        color_system=None if plain else "auto",
        highlight=False,
        emoji=False,
        # In a notebook kernel, rich would draw into the cell and ignore the stream.
        force_jupyter=False,
        theme=_THEME,
    )
    with console.capture() as captured:
        console.print(what, soft_wrap=whole_lines)

    lines = captured.get().splitlines()
    if plain:
        # Rich pads table rows to the full width; only a background color would need that.
        lines = [line.rstrip() for line in lines]

    return "\n".join(lines) + "\n"


def page(grade: Grade, title: str) -> RenderableType:
    """The whole page of ``grade``; the verdict is at the end, next to the prompt."""
    return Group(
        _head(grade, title),
        *_note(grade),
        Rule(style="dim"),
        _rubric(grade),
        *_details(grade),
        Rule(style="dim"),
        _Score(grade),
    )


def verdict_first(grade: Grade, title: str) -> RenderableType:
    """The same page for a short screen that shows only the beginning: the rubric comes last."""
    return Group(
        _head(grade, title),
        *_note(grade),
        _Score(grade),
        *_details(grade),
        Text(),
        _rubric(grade),
    )


def _head(grade: Grade, title: str) -> RenderableType:
    name = Text.assemble((grade.exercise, "bold"), f"  {title}")
    file = grade.submission
    # The CPU is the default, so the page does not name it.
    if grade.device != "cpu":
        file += f" on {grade.device}"

    return _left_and_right(name, Text(file, "dim"))


def _note(grade: Grade) -> Iterator[RenderableType]:
    if grade.file_note:
        yield Text(grade.file_note, "yellow")


def _left_and_right(left: Text, right: Text) -> Table:
    row = Table.grid(expand=True)
    row.add_column(ratio=1)
    row.add_column(justify="right")
    row.add_row(left, right)
    return row


def _rubric(grade: Grade) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column()
    table.add_column()
    table.add_column(ratio=1)
    table.add_column(justify="right")
    for row in rubric_rows(grade):
        style = ""
        if row.outcome is not None:
            style = _STYLES[row.outcome]
        if row.is_unjudged:
            style = "yellow"

        table.add_row(
            Text(row.mark, style),
            Text(row.word, style),
            Text(textwrap.shorten(row.title, _LONGEST_TITLE, placeholder=" …")),
            Text(row.points, style),
        )

    return table


def _details(grade: Grade) -> Iterator[RenderableType]:
    """The parts between the rubric and the score, an empty line before each."""
    for part in _parts(grade):
        yield Text()
        yield part


def _parts(grade: Grade) -> Iterator[RenderableType]:
    summary = summarize(grade)
    for check in summary.failures:
        yield Group(*_failure(check, summary))

    if summary.more:
        yield Text(summary.more)

    for reason in skip_reasons(grade):
        yield Text(f"Skipped: {reason}", "yellow")

    if grade.notes:
        # A cell that failed often explains what a check missed.
        yield Group(Text(NOTES, "bold"), *(Padding.indent(Text(note), 2) for note in grade.notes))

    # An error message of the learner's own often stands in the output.
    if grade.stdout.strip():
        printed = text.lines(grade.stdout.rstrip(), most=SHOWN_OUTPUT_LINES)
        body = Padding.indent(Text(printed, overflow="fold"), 2)
        yield Group(Text("Your code printed", "bold"), body)

    # Who compares a GPU with the CPU must know which settings differ from PyTorch's defaults.
    if grade.device != "cpu" and grade.status == "graded":
        settings = "without TF32, and with deterministic algorithms where PyTorch has them"
        yield Text(f"Computed on {grade.device} {settings}.", "dim")


def _failure(check: CheckResult, summary: FailureSummary) -> Iterator[RenderableType]:
    yield Text(check.title, "bold")
    if check.message:
        yield Padding.indent(Text(check.message, _MISSED), 2)

    if summary.explanation and check is summary.failures[0]:
        # The explanation helps more than the numbers of the case, so it comes first.
        yield Text()
        why = Text.assemble((WHY, "bold"), " ", text.unwrapped(summary.explanation))
        yield Padding.indent(why, 2)
        yield Text()

    if check.case is None:
        return

    for label, value in facts(check.case):
        is_prose = value == check.case.note
        yield _Fact(label, value, may_wrap=is_prose)


class _Fact:
    """A label and a value next to it, or below it if its rows would wrap and must not."""

    def __init__(self, label: str, value: str, *, may_wrap: bool) -> None:
        self._label = label
        self._value = value
        self._may_wrap = may_wrap

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        # A long label wraps at its spaces. "x =" stays whole, so two more columns are needed.
        longest_word = max(map(len, self._label.split()))
        width = max(14, longest_word + 2)
        value = Text(self._value, overflow="fold")
        rows = self._value.splitlines()
        longest_row = max(map(len, rows), default=0)
        is_wide = longest_row > options.max_width - width - 4
        # A tensor with rows that wrap cannot be read.
        if is_wide and len(rows) > 1 and not self._may_wrap:
            yield Padding.indent(Text(self._label, "dim"), 2)
            yield value
            return

        row = Table.grid(padding=(0, 1))
        row.add_column(width=width, justify="right", style="dim")
        row.add_column(overflow="fold")
        row.add_row(Text(self._label), value)
        yield Padding.indent(row, 2)


def _device_table(grades: Sequence[Grade]) -> RenderableType:
    """A row for each visible check, a column for each device."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(ratio=1)
    for _ in grades:
        table.add_column()

    devices = [Text(grade.device, "bold") for grade in grades]
    table.add_row(Text("Side by side", "bold"), *devices)

    # The rubric is the same for every device.
    for results in zip(*(grade.checks for grade in grades), strict=True):
        check = results[0]
        if check.visible:
            table.add_row(Text(check.title), *map(_outcome, results))

    table.add_row(Text("points"), *map(_points, grades))
    return table


def _outcome(result: CheckResult) -> Text:
    outcome = result.outcome
    return Text(f"{mark(result)} {result.word}", _STYLES[outcome])


def _points(grade: Grade) -> Text:
    if grade.status == "ungraded":
        return Text("not graded", "bold")
    return Text(f"{grade.points}/{grade.max_points}", "bold")


class _Score:
    """The verdict and the seed: on one line, or on two lines if the terminal is narrow."""

    def __init__(self, grade: Grade) -> None:
        style = "bold"
        if grade.status == "ungraded":
            style = "magenta"
        elif grade.passed:
            style = "bold green"

        self._verdict = Text(verdict(grade), style)
        self._seed = Text(f"repeat with --seed {grade.seed}", "dim")

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        # Cut neither of them: a seed without its last digits is useless.
        if self._verdict.cell_len + self._seed.cell_len >= options.max_width:
            yield self._verdict
            yield self._seed
        else:
            yield _left_and_right(self._verdict, self._seed)
