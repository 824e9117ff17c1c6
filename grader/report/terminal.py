"""A grade as a page in the terminal; plain text where there is none."""

import os
from collections.abc import Iterator
from typing import Final, TextIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from grader.results import Case, Check, Grade, Outcome, first_missed

SHOWN_FAILURES: Final = 2
SHOWN_OUTPUT_LINES: Final = 12
SHOWN_COLUMNS: Final = 300
_STYLES: Final = {Outcome.PASSED: "green", Outcome.SKIPPED: "yellow", Outcome.UNGRADED: "magenta"}
_MARKS: Final = {Outcome.PASSED: "✓", Outcome.SKIPPED: "-", Outcome.UNGRADED: "?"}


def write(grade: Grade, title: str, stream: TextIO) -> None:
    """Write the page of a grade."""
    show(page(grade, title), stream)


def write_all(grades: list[Grade], title: str, stream: TextIO) -> None:
    """Write the grades of one submission on several devices: the page of the first miss, and a line for each."""
    shown = first_missed(grades)
    parts = [page(shown, title)]
    parts += [Text(), *(_device(grade, is_shown=grade is shown) for grade in grades)]
    show(Group(*parts), stream)


def show(what: RenderableType, stream: TextIO) -> None:
    """Write a page: with colours to a terminal, as plain text elsewhere or with ``NO_COLOR``."""
    plain = bool(os.environ.get("NO_COLOR")) or not stream.isatty()
    console = Console(file=stream, color_system=None if plain else "auto", highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(what)
    # Tables pad their lines to the full width, which only a terminal's background could need.
    lines = captured.get().splitlines()
    stream.write("\n".join(line.rstrip() if plain else line for line in lines) + "\n")


def page(grade: Grade, title: str) -> RenderableType:
    """Everything there is to say about ``grade``, in the order in which it helps."""
    return Group(*_parts(grade, title))


def _parts(grade: Grade, title: str) -> Iterator[RenderableType]:
    head = Table.grid(expand=True)
    head.add_column(ratio=1)
    head.add_column(justify="right")
    place = "" if grade.device == "cpu" else f" on {grade.device}"
    head.add_row(Text.assemble((grade.exercise, "bold"), f"  {title}"), Text(grade.submission + place, "dim"))
    yield head
    yield Rule(style="dim")
    yield _rubric(grade.checks)
    shown = 0
    messages = set()
    for check in grade.checks:
        if check.outcome in (Outcome.PASSED, Outcome.SKIPPED) or check.message in messages or shown == SHOWN_FAILURES:
            continue
        messages.add(check.message)
        shown += check.case is not None  # a quiz's answers are short: all of them are shown
        yield Text()
        yield Text(check.title, "bold")
        if check.message:
            yield _indented(Text(check.message, "red"), 2)
        if len(messages) == 1 and grade.explanation and grade.misconception and check.case:
            # Before the case in full: it is worth more than all the numbers.
            yield Text()
            yield _explanation(grade.misconception, grade.explanation)
            yield Text()
        if check.case is not None:
            yield from _case(check.case)
    missed = sum(check.outcome not in (Outcome.PASSED, Outcome.SKIPPED) for check in grade.checks)
    if shown == SHOWN_FAILURES and missed > shown:
        yield Text()
        yield Text(f"{missed - shown} more did not pass. Mend the first one first: often the others follow.")
    for message in dict.fromkeys(check.message for check in grade.checks if check.outcome is Outcome.SKIPPED):
        yield Text()
        yield Text(f"Skipped: {message}", "yellow")
    if grade.stdout.strip():
        yield Text()
        yield _printed(grade.stdout)
    yield Rule(style="dim")
    yield _score(grade)


def _rubric(checks: list[Check]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column()
    table.add_column()
    table.add_column(ratio=1)
    table.add_column(justify="right")
    for check in checks:
        style = _STYLES.get(check.outcome, "red")
        mark = _MARKS.get(check.outcome, "✗")
        # What could not run is not held against anybody.
        points = "–" if check.outcome is Outcome.SKIPPED else f"{check.points}/{check.max_points}"
        table.add_row(Text(mark, style), Text(check.outcome.value, style), Text(check.title), Text(points, style))
    return table


def _case(case: Case) -> Iterator[RenderableType]:
    if case.traceback:
        yield _labelled("in your code", "\n".join(case.traceback))
    if case.note:
        yield _labelled("what was done", case.note)
    if case.call:
        yield _labelled("called", case.call)
    for name, value in case.given.items():
        yield _labelled(f"{name} =", value)
    if case.returned:
        yield _labelled("yours is" if case.compared else "you returned", case.returned)
    if case.expected:
        yield _labelled("PyTorch's is" if case.compared else "PyTorch gives", case.expected)


def _labelled(label: str, value: str) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    # A label breaks at a space; a parameter's name doesn't part from its sign.
    row.add_column(width=max(14, *(len(word) + 2 for word in label.split())), justify="right", style="dim")
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
    lines = [line if len(line) <= SHOWN_COLUMNS else line[:SHOWN_COLUMNS] + "…" for line in text.rstrip().splitlines()]
    more = len(lines) - SHOWN_OUTPUT_LINES
    if more > 0:
        lines = [*lines[:SHOWN_OUTPUT_LINES], f"… and {more} more lines"]
    return Group(Text("Your code printed", "bold"), _indented(Text("\n".join(lines), overflow="fold"), 2))


def _device(grade: Grade, *, is_shown: bool) -> RenderableType:
    return Text.assemble(
        (f"on {grade.device:<5}", "bold"), _verdict(grade), ("  (the page above)" if is_shown else "", "dim")
    )


def _verdict(grade: Grade) -> Text:
    skipped = [check for check in grade.checks if check.outcome is Outcome.SKIPPED]
    if skipped and len(skipped) == len(grade.checks):
        return Text("Not graded: nothing could run here.", "magenta")
    if grade.status == "ungraded":
        return Text("Not graded: the grader failed, which is not your fault. Try again.", "magenta")
    if grade.passed:
        return Text(f"All checks passed: {grade.points} of {grade.max_points} points", "bold green")
    possible = grade.max_points - sum(check.max_points for check in skipped)
    left_out = f", {len(skipped)} skipped" if skipped else ""
    return Text(f"{grade.points} of {possible} points{left_out}", "bold")


def _score(grade: Grade) -> RenderableType:
    row = Table.grid(expand=True)
    row.add_column(ratio=1)
    row.add_column(justify="right")
    row.add_row(_verdict(grade), Text(f"repeat with --seed {grade.seed}", "dim"))
    return row


def _indented(what: RenderableType, by: int) -> RenderableType:
    return Padding(what, (0, 0, 0, by))
