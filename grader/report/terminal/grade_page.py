"""A grade as a page in the terminal; plain text where there is none."""

import os
from collections.abc import Iterator
from typing import Final, TextIO

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from grader.grades.grade import Case, CheckResult, Grade, Outcome
from grader.report.failure_summary import (
    MARKS,
    SHOWN_OUTPUT_LINES,
    asked_sentence,
    facts,
    hidden_sentence,
    mistake,
    told,
    verdict,
)

SHOWN_COLUMNS: Final = 300
_STYLES: Final = {Outcome.PASSED: "green", Outcome.SKIPPED: "yellow", Outcome.UNGRADED: "magenta"}
_THEME: Final = Theme(
    {"markdown.code": "cyan"}
)  # without a background of its own, which a light terminal has not


def write(grade: Grade, title: str, stream: TextIO) -> None:
    """Write the page of a grade."""
    show(page(grade, title), stream)


def write_all(grades: list[Grade], title: str, stream: TextIO) -> None:
    """Write the grades of one submission on several devices: the page of the first miss, and a table of all."""
    shown = next((grade for grade in grades if grade.exit_code), grades[0])
    show(Group(page(shown, title), Text(), _side_by_side(grades)), stream)


def show(what: RenderableType, stream: TextIO, *, whole_lines: bool = False) -> None:
    """Write a page: with colours to a terminal, as plain text elsewhere or with ``NO_COLOR``."""
    stream.write(as_text(what, stream, whole_lines=whole_lines))


def as_text(what: RenderableType, stream: TextIO, *, whole_lines: bool = False) -> str:
    """A page as it is to be written to ``stream``, as wide as that is, or with ``whole_lines`` as wide as it takes."""
    plain = bool(os.environ.get("NO_COLOR")) or not stream.isatty()
    console = Console(
        file=stream,
        color_system=None if plain else "auto",
        highlight=False,
        emoji=False,
        force_jupyter=False,  # in a notebook's kernel rich would draw into the cell, whatever the stream is
        theme=_THEME,
    )
    with console.capture() as captured:
        console.print(what, soft_wrap=whole_lines)
    # Tables pad their lines to the full width, which only a terminal's background could need.
    lines = captured.get().splitlines()
    return "\n".join(line.rstrip() if plain else line for line in lines) + "\n"


def page(grade: Grade, title: str) -> RenderableType:
    """Everything there is to say about ``grade``, in the order in which it helps."""
    return Group(*_parts(grade, title))


def verdict_first(grade: Grade, title: str) -> RenderableType:
    """The same for who does not see the end at once: the verdict, what did not hold, and the rubric last."""
    return Group(_head(grade, title), _Score(grade), *_details(grade), Text(), _rubric(grade))


def _parts(grade: Grade, title: str) -> Iterator[RenderableType]:
    yield _head(grade, title)
    yield Rule(style="dim")
    yield _rubric(grade)
    yield from _details(grade)
    yield Rule(style="dim")
    yield _Score(grade)


def _head(grade: Grade, title: str) -> RenderableType:
    head = Table.grid(expand=True)
    head.add_column(ratio=1)
    head.add_column(justify="right")
    place = "" if grade.device == "cpu" else f" on {grade.device}"
    head.add_row(
        Text.assemble((grade.exercise, "bold"), f"  {title}"), Text(grade.submission + place, "dim")
    )
    return head


def _details(grade: Grade) -> Iterator[RenderableType]:
    """What stands between the rubric and the score, each part after an empty line."""
    failures, known = told(grade), mistake(grade)
    for number, check in enumerate(failures.shown):
        yield Text()
        yield Text(check.title, "bold")
        if check.message:
            yield _indented(Text(check.message, "red"), 2)
        if not number and known:
            # Before the case in full: it is worth more than all the numbers.
            yield Text()
            yield _explanation(*known)
            yield Text()
        if check.case is not None:
            yield from _case(check.case)
    if failures.more:
        yield Text()
        yield Text(failures.more)
    for message in dict.fromkeys(
        check.message for check in grade.checks if check.outcome is Outcome.SKIPPED
    ):
        if message:
            yield Text()
            yield Text(f"Skipped: {message}", "yellow")
    if grade.stdout.strip():
        yield Text()
        yield _printed(grade.stdout)
    if sentence := asked_sentence(grade):
        yield Text()
        yield Text(sentence, "dim", overflow="fold")
    if grade.device != "cpu" and grade.status == "graded":
        steady = "without TF32, and with deterministic algorithms where PyTorch has them"
        yield Text()
        yield Text(f"Computed on {grade.device} {steady}.", "dim")


def _rubric(grade: Grade) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column()
    table.add_column()
    table.add_column(ratio=1)
    table.add_column(justify="right")
    for check in grade.checks:
        if not check.visible:
            continue
        style = _STYLES.get(check.outcome, "red")
        mark = MARKS[check.outcome]
        # What could not run is not held against anybody.
        points = "–" if check.outcome is Outcome.SKIPPED else f"{check.points}/{check.max_points}"
        table.add_row(
            Text(mark, style),
            Text(check.outcome.value, style),
            Text(check.title),
            Text(points, style),
        )
    if grade.hidden:
        points = f"{sum(check.points for check in grade.hidden)}/{sum(check.max_points for check in grade.hidden)}"
        table.add_row(Text("·"), Text("hidden"), Text(hidden_sentence(grade)), Text(points))
    return table


def _case(case: Case) -> Iterator[RenderableType]:
    for label, value in facts(case):
        yield _labelled(label, value)


def _labelled(label: str, value: str) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    # A label breaks at a space; a parameter's name doesn't part from its sign.
    row.add_column(
        width=max(14, *(len(word) + 2 for word in label.split())), justify="right", style="dim"
    )
    row.add_column(overflow="fold")
    row.add_row(Text(label), Text(value))
    return _indented(row, 2)


def _explanation(name: str, text: str) -> RenderableType:
    title = Text.assemble("This behaves exactly like a known mistake, ", (name, "bold"), ":")
    return _indented(Group(title, _indented(Text(_reflowed(text)), 2)), 2)


def _reflowed(text: str) -> str:
    """Paragraphs joined into one line each: the terminal breaks them at its own width."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _printed(text: str) -> RenderableType:
    lines = [
        line if len(line) <= SHOWN_COLUMNS else line[:SHOWN_COLUMNS] + "…"
        for line in text.rstrip().splitlines()
    ]
    more = len(lines) - SHOWN_OUTPUT_LINES
    if more > 0:
        lines = [*lines[:SHOWN_OUTPUT_LINES], f"… and {more} more lines"]
    return Group(
        Text("Your code printed", "bold"), _indented(Text("\n".join(lines), overflow="fold"), 2)
    )


def _side_by_side(grades: list[Grade]) -> RenderableType:
    """A row for each check that is shown, a column for each device."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(ratio=1)
    for _ in grades:
        table.add_column()
    table.add_row(Text("Side by side", "bold"), *(Text(grade.device, "bold") for grade in grades))
    for checks in zip(*(grade.checks for grade in grades), strict=True):
        if checks[0].visible:
            table.add_row(Text(checks[0].title), *(_outcome(check) for check in checks))
    table.add_row(Text("points"), *(Text(_points(grade), "bold") for grade in grades))
    return table


def _outcome(check: CheckResult) -> Text:
    return Text(f"{MARKS[check.outcome]} {check.outcome.value}", _STYLES.get(check.outcome, "red"))


def _points(grade: Grade) -> str:
    return f"{grade.points}/{grade.max_points}" if grade.status == "graded" else "not graded"


class _Score:
    """The verdict, and the seed that repeats it: in one line, or in two where the terminal is narrow."""

    def __init__(self, grade: Grade) -> None:
        style = (
            "magenta" if grade.status == "ungraded" else "bold green" if grade.passed else "bold"
        )
        self._verdict = Text(verdict(grade), style)
        self._seed = Text(f"repeat with --seed {grade.seed}", "dim")

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        if self._verdict.cell_len + self._seed.cell_len >= options.max_width:
            yield from (self._verdict, self._seed)
            return
        row = Table.grid(expand=True)
        row.add_column(ratio=1)
        row.add_column(justify="right")
        row.add_row(self._verdict, self._seed)
        yield row


def _indented(what: RenderableType, by: int) -> RenderableType:
    return Padding(what, (0, 0, 0, by))
