"""Commands for authors of exercises: write a new one, prove a course, print the schema."""

from pathlib import Path
from typing import Any, Final

import click

from grader.cli.assignments import KIND, new_assignment
from grader.cli.common import (
    author_course,
    course_option,
    here,
    settings_options,
)
from grader.course import editors, records, scaffold
from grader.course import order as order_of_course
from grader.course.assignment import Assignment
from grader.errors import UsageError
from grader.examiner.settings import Settings
from grader.files import from_here

_KINDS: Final = ("code", "quiz")
_DESCRIBED: Final[dict[str, Any]] = {**records.FILES, KIND: Assignment}
"""Name of each YAML file that has a schema, without its ending, to what it contains."""


@click.command("new", short_help="Create a new exercise or assignment.")
@click.argument(
    "words", metavar="[code|quiz|assignment] NAME [EXERCISE...]", nargs=-1, required=True
)
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    help="What a learner submits: Python code, or an answer sheet. You can also type this word "
    "before NAME.",
)
@click.option(
    "--entry",
    "entries",
    multiple=True,
    metavar="SIGNATURE",
    help="A function or class to submit, such as 'f(x, y) -> Tensor'; can be repeated.",
)
@settings_options(course_option)
def new_command(
    words: tuple[str, ...], kind: str | None, entries: tuple[str, ...], settings: Settings
) -> None:
    """Create a new exercise: a small working example to edit, or stubs for each --entry.

    `grade new assignment NAME [EXERCISE...]` writes NAME.yaml for `grade batch --assignment`,
    with these exercises, or with all.

    TODO(author) marks each line that you have to write. The exercise goes into the
    course in the current folder, or in --course; for a new course, go to an empty
    folder, and add --course .
    """
    if words[0] == KIND and len(words) > 1:
        _, name, *exercise_ids = words
        new_assignment(name, exercise_ids, settings)
        return

    kind, exercise_id = _kind_and_id(words, kind)
    if entries and kind == "quiz":
        raise UsageError("a quiz has no --entry", advice="leave it out, or write `code`")

    root = _own_course(settings)
    for path in scaffold.write_exercise(root, exercise_id, kind, entries):
        click.echo(f"Wrote {from_here(path)}")

    if (root / "exercises" / order_of_course.FILE).is_file():
        listed = from_here(root / "exercises" / order_of_course.FILE)
        click.echo(f"Add {exercise_id} to {listed}; until then it comes last.")

    where = f" --course {settings.root}" if settings.root else ""
    click.echo(f"`grade verify {exercise_id}{where}` lists what is left to do.")


def _kind_and_id(words: tuple[str, ...], kind: str | None) -> tuple[str, str]:
    """What ``grade new`` writes, from its words: ``quiz shapes``, or only the id."""
    *before, exercise_id = words
    if not before and exercise_id in (*_KINDS, KIND):
        raise UsageError(
            f"`grade new {exercise_id}`: the name is missing",
            advice=f"write `grade new {exercise_id} NAME`",
        )

    if before and (len(before) > 1 or before[0] not in _KINDS):
        raise UsageError(
            f"`grade new {' '.join(words)}`: not understood",
            advice=f"write `grade new {'|'.join((*_KINDS, KIND))} NAME`",
        )

    if before and kind not in (None, before[0]):
        raise UsageError(f"`{before[0]}` or --kind {kind}?", advice="name one of them")

    chosen = before[0] if before else kind
    return chosen or "code", exercise_id


def _own_course(settings: Settings) -> Path:
    """The course to write into. Raises ``UsageError`` if it is not named, and not here."""
    root = author_course(settings)
    if root is None:
        raise UsageError(
            "this folder is not a course",
            place=str(here()),
            advice="go to your course, or name its folder with --course; --course . begins a new "
            "course here",
        )

    return root


@click.command("schema", short_help="Print the JSON Schema of a YAML file, for editors.")
@click.argument("file", type=click.Choice(list(_DESCRIBED)), default="exercise")
@click.option("--order", is_flag=True, help="The same as `grade schema course`.")
@click.option("--write", is_flag=True, help=f"Write all schemas into {editors.FOLDER}/.")
@settings_options(course_option)
def schema_command(file: str, *, order: bool, write: bool, settings: Settings) -> None:
    """Print the JSON Schema of a YAML file: by default of exercise.yaml.

    With --write, write all schemas into the course. `grade new` begins each YAML file
    with a line that tells editors where its schema is.
    """
    if write:
        for path in editors.write_schemas(_own_course(settings)):
            click.echo(f"Wrote {from_here(path)}")

        return

    kind = _DESCRIBED["course" if order else file]
    click.echo(editors.schema_text(kind), nl=False)
