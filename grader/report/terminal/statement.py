"""The page of an exercise in the terminal, with its statement rendered from Markdown."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markdown import CodeBlock, Markdown
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from grader.report.exercise_page import ExercisePage


class _Example(CodeBlock):
    """A block of code without the blank lines that rich puts above and below it."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        yield Syntax(code, self.lexer_name, theme=self.theme, word_wrap=True, padding=(0, 1))


class _Statement(Markdown):
    elements: ClassVar = {**Markdown.elements, "fence": _Example, "code_block": _Example}


def page(facts: ExercisePage) -> RenderableType:
    """The page that shows ``facts``."""
    return Group(*_parts(facts))


def rendered(markdown: str) -> RenderableType:
    """The text of a statement."""
    # The terminal's own colors are readable on a light and on a dark background.
    return _Statement(markdown, code_theme="ansi_dark", inline_code_theme="ansi_dark")


def _parts(facts: ExercisePage) -> Iterator[RenderableType]:
    yield Text.assemble((facts.id, "bold"), f"  {facts.title}")
    yield Text()
    yield rendered(facts.statement)
    yield Text()
    if facts.to_define:
        asked = [each.replace("`", "") for each in facts.to_define]
        yield from _section(f"Write in {facts.file}", asked)
        if facts.forbidden:
            yield from _section("Not allowed", facts.forbidden)
        if facts.packages:
            yield from _section("You can also import", facts.packages)

        yield Text("Checks", "bold")
        yield _table(facts.checks)
    else:
        yield Text(f"Answer in {facts.file}", "bold")
        yield _table(facts.questions)

    yield Text()
    yield Text(facts.next_step)


def _section(title: str, lines: Sequence[str]) -> Iterator[RenderableType]:
    yield Text(title, "bold")
    for line in lines:
        yield Padding.indent(Text(line), 2)

    yield Text()


def _table(rows: list[tuple[str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    # Points and names are short; only the text beside them may wrap.
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for first, second in rows:
        table.add_row(Text(first), Text(second))

    return Padding.indent(table, 2)
