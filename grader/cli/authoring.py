"""Commands for authors of exercises: write a new one, prove a course, print the schema."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from grader.cli.assignments import KIND, new_assignment
from grader.cli.common import course_option, device_option, say_device, settings_options, write
from grader.course import location, records, scaffold
from grader.course import order as order_of_course
from grader.course.assignment import Assignment
from grader.errors import UsageError
from grader.examiner.settings import Settings


@click.command("new", short_help="Create a new exercise or assignment.")
@click.argument("words", metavar="EXERCISE | assignment NAME", nargs=-1, required=True)
@click.option(
    "--kind",
    type=click.Choice(("code", "quiz")),
    default="code",
    show_default=True,
    help="What a learner submits: Python code, or an answer sheet.",
)
@settings_options(course_option)
def new_command(words: tuple[str, ...], kind: str, settings: Settings) -> None:
    """Create a new exercise: a small working example to edit.

    `grade new assignment NAME` writes NAME.yaml for `grade batch --assignment`.

    TODO(author) marks each line that you have to write. Name the folder of your own
    course with --course; for a new course, make an empty folder first.
    """
    *before, exercise_id = words
    if before == [KIND]:
        new_assignment(exercise_id, settings)
        return
    if before:
        raise UsageError(
            f"`grade new {' '.join(words)}`: not understood",
            advice="write `grade new EXERCISE` or `grade new assignment NAME`",
        )
    root = settings.root or location.own_root()
    for name in scaffold.write_exercise(root, exercise_id, kind):
        click.echo(f"Wrote {name}")
    if (root / "exercises" / order_of_course.FILE).is_file():
        click.echo(
            f"Add {exercise_id} to exercises/{order_of_course.FILE}; until then it comes last."
        )
    where = f" --course {settings.root}" if settings.root else ""
    click.echo(f"`grade verify {exercise_id}{where}` lists what is left to do.")


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

    course = settings.course
    ids = list(dict.fromkeys(exercise_ids)) or location.exercise_ids(course)
    device = device_of(settings.device)
    say_device(settings.device, device)
    settings = msgspec.structs.replace(settings, device=device)
    folder = cache_folder() if use_cache else None
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


@click.command("schema")
@click.argument("kind", type=click.Choice(("exercise", "course", KIND)), default="exercise")
@click.option("--order", is_flag=True, help="The same as `grade schema course`.")
def schema_command(kind: str, *, order: bool) -> None:
    """Print the JSON Schema of a YAML file, for editors."""
    described: Any = records.Spec
    if order or kind == "course":
        described = records.CourseOrder
    elif kind == KIND:
        described = Assignment
    schema = records.schema(described)
    click.echo(msgspec.json.format(msgspec.json.encode(schema), indent=2).decode())


@contextlib.contextmanager
def _progress(steps: int) -> Iterator[Callable[[], None]]:
    """A bar on the error stream if that is a terminal; the result advances it by one step."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=steps, label="Verifying", file=sys.stderr) as bar:
        yield lambda: bar.update(1)
