"""Commands for authors of exercises: write a new one, prove a course, print the schema."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import click
import msgspec

from grader.cli.common import (
    course_option,
    device_option,
    here,
    say_device,
    settings_options,
    write,
)
from grader.course import loading, location, records, scaffold
from grader.course import order as order_of_course
from grader.errors import UsageError
from grader.examiner.settings import Settings

_KINDS: Final = ("code", "quiz")


@click.command("new", short_help="Create a new exercise.")
@click.argument("words", metavar="[code|quiz] EXERCISE", nargs=-1, required=True)
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    help="What a learner submits: Python code, or an answer sheet; the same as the first word.",
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

    TODO(author) marks each line that you have to write. The exercise goes into the
    course in the current folder, or in --course; for a new course, make an empty
    folder first.
    """
    kind, exercise_id = _kind_and_id(words, kind)
    if entries and kind == "quiz":
        raise UsageError("a quiz has no --entry", advice="leave it out, or write `code`")
    root = author_course(settings)
    if root is None:
        raise UsageError(
            "this folder is not a course",
            place=str(here()),
            advice="go to your course, or name its folder with --course; --course . begins a new "
            "course here",
        )
    for path in scaffold.write_exercise(root, exercise_id, kind, entries):
        click.echo(f"Wrote {_from_here(path)}")
    if (root / "exercises" / order_of_course.FILE).is_file():
        listed = _from_here(root / "exercises" / order_of_course.FILE)
        click.echo(f"Add {exercise_id} to {listed}; until then it comes last.")
    where = f" --course {settings.root}" if settings.root else ""
    click.echo(f"`grade verify {exercise_id}{where}` lists what is left to do.")


def _kind_and_id(words: tuple[str, ...], kind: str | None) -> tuple[str, str]:
    """What ``grade new`` writes, from its words: ``quiz shapes``, or only the id."""
    *before, exercise_id = words
    if before and (len(before) > 1 or before[0] not in _KINDS):
        raise UsageError(
            f"`grade new {' '.join(words)}`: not understood",
            advice=f"write `grade new {'|'.join(_KINDS)} NAME`",
        )
    if before and kind not in (None, before[0]):
        raise UsageError(f"`{before[0]}` or --kind {kind}?", advice="name one of them")
    chosen = before[0] if before else kind
    return chosen or "code", exercise_id


def author_course(settings: Settings) -> Path | None:
    """The course that was named, or else the one in the current folder; None without any."""
    if settings.root is not None:
        return settings.root
    folder = here()
    return folder if location.is_course(folder) else None


def _from_here(path: Path) -> str:
    """``path`` relative to the current folder if it is inside, or else in full."""
    full = path.resolve()
    folder = here().resolve()
    if full.is_relative_to(folder):
        return str(full.relative_to(folder))
    return str(full)


@click.command("verify", short_help="Prove that checks accept solutions and reject mistakes.")
@click.argument("exercise_ids", metavar="[EXERCISE]...", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(("terminal", "json")),
    default="terminal",
    show_default=True,
    help="Output format of the findings.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the findings to this file.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=None,
    help="Number of examiners that work at once; by default one per core.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**62),
    default=1,
    show_default=True,
    help="The first seed; the same seed gives the same findings.",
)
@click.option(
    "--cache/--no-cache",
    "use_cache",
    default=True,
    help="Use and keep proofs of exercises that have not changed.  [default: --cache]",
)
@settings_options(device_option(), course_option)
def verify_command(
    exercise_ids: tuple[str, ...],
    form: str,
    output: Path | None,
    jobs: int | None,
    seed: int,
    *,
    use_cache: bool,
    settings: Settings,
) -> None:
    """Prove that checks accept solutions and reject mistakes.

    Without EXERCISE, prove the whole course. An exercise that an earlier run proved
    and that has not changed since is not proven again.

    \b
    Exit codes: 0 everything is proven, 1 something is not, 2 a usage error or
    an exercise that cannot be read, 3 the grader could not grade.
    """  # noqa: D301 - click's \b keeps these lines as they are
    from grader.examiner.client import device_of
    from grader.examiner.pool import ExaminerPool, cores
    from grader.verify import page, verifier
    from grader.verify.earlier import EarlierProofs, cache_folder

    course = author_course(settings) or settings.course
    ids = list(dict.fromkeys(exercise_ids)) or location.exercise_ids(course)
    device = device_of(settings.device)
    say_device(settings.device, device)
    settings = msgspec.structs.replace(settings, device=device)
    folder = cache_folder() if use_cache else None
    _check_known(course, ids)
    proofs = EarlierProofs(folder, seed, device, settings.isolation)
    known = proofs.find(course, ids)
    plan = verifier.plan(course, ids, seed, whole=not exercise_ids, known=known)
    if output is not None:
        write("", output)  # so that a wrong path ends the command before minutes of work
    steps = sum(map(len, plan.steps.values()))
    with ExaminerPool(settings, jobs or cores()) as pool, _progress(steps) as advance:
        verification = verifier.carry_out(plan, pool, advance)
    proofs.keep(verification.exercises)
    if form == "json":
        write(page.as_json(verification), output)
    else:
        write(partial(page.write, verification), output)
    sys.exit(verification.exit_code)


def _check_known(course: Path, ids: list[str]) -> None:
    """Raise ``UsageError`` for an id that this course does not have, with the course's folder."""
    known = location.exercise_ids(course)
    for exercise_id in ids:
        if exercise_id not in known:
            try:
                loading.load_exercise(course, exercise_id)
            except UsageError as error:
                raise UsageError(
                    error.problem, place=str(course.resolve()), advice=error.advice
                ) from None


@click.command("schema")
@click.option("--order", is_flag=True, help="Print the JSON Schema of course.yaml instead.")
def schema_command(*, order: bool) -> None:
    """Print the JSON Schema of exercise.yaml, for editors."""
    schema = records.schema(records.CourseOrder) if order else records.schema()
    click.echo(msgspec.json.format(msgspec.json.encode(schema), indent=2).decode())


@contextlib.contextmanager
def _progress(steps: int) -> Iterator[Callable[[], None]]:
    """A bar on the error stream if that is a terminal; the result advances it by one step."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=steps, label="Verifying", file=sys.stderr) as bar:
        yield lambda: bar.update(1)
