"""What an exercise asks for, as a page in the terminal: its statement is Markdown."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.course.records import Exercise
from grader.submission import answer_sheet
from grader.submission.files import submission_name
from grader.text import count


def page(exercise: Exercise, learner: str, then: str) -> RenderableType:
    """The statement, what to write, and the checks or the questions as put to ``learner``; ``then`` ends it."""
    return Group(*_parts(exercise, learner, then))


def _parts(exercise: Exercise, learner: str, then: str) -> Iterator[RenderableType]:
    spec = exercise.spec
    yield Text.assemble((exercise.id, "bold"), f"  {spec.title}")
    yield Text()
    # Code and inline code in the terminal's own colours: they have to be read on a light one too.
    yield Markdown(spec.statement, code_theme="ansi_dark", inline_code_theme="ansi_dark")
    yield Text()
    if spec.entry:
        yield Text(f"Write in {submission_name(exercise)}", "bold")
        yield from (_indented(Text(signature)) for signature in spec.entry)
        if names := [name for name in spec.forbidden if "::" not in name]:
            yield from (Text(), Text("Not allowed", "bold"))
            yield from (_indented(Text(name)) for name in names)
        yield from (Text(), Text("Checks", "bold"))
        rows = [(count(line.points, "point"), line.title) for line in spec.checks if line.visible]
        if hidden := [line.points for line in spec.checks if not line.visible]:
            rows.append(
                (
                    count(sum(hidden), "point"),
                    f"{count(len(hidden), 'more check')} that you are not shown",
                )
            )
    else:
        yield Text(f"Answer in {submission_name(exercise)}", "bold")
        rows = answer_sheet.questions(exercise, learner)
    yield _indented(_rows(rows))
    yield Text()
    yield Text(then)


def _rows(rows: list[tuple[str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for first, second in rows:
        table.add_row(Text(first), Text(second))
    return table


def _indented(what: RenderableType) -> RenderableType:
    return Padding(what, (0, 0, 0, 2))
