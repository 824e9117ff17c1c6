"""What an author of exercises asks: a new one, the proof of a course, the schema."""

import contextlib
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from grader.cli.common import course_option, device_option, say_device, settings_options, write
from grader.course import loading, records, scaffold
from grader.examiner.settings import Settings


@click.command("new", short_help="Write both sides of a new exercise.")
@click.argument("exercise_id", metavar="EXERCISE")
@click.option(
    "--kind",
    type=click.Choice(("code", "quiz")),
    default="code",
    show_default=True,
    help="What it takes.",
)
@settings_options(course_option)
def new_command(exercise_id: str, kind: str, settings: Settings) -> None:
    """Write both sides of a new exercise: small, whole, and marked where you have something to say.

    For a course of your own name its folder with --course; it need not be there yet.
    """
    root = settings.root or loading.own_root()
    for name in scaffold.write_exercise(root, exercise_id, kind):
        click.echo(f"Wrote {name}")
    where = f" --course {settings.root}" if settings.root else ""
    click.echo(f"`grade verify {exercise_id}{where}` tells what is left to do.")


@click.command("verify", short_help="Prove exercises: what is wrong never passes.")
@click.argument("exercise_ids", metavar="[EXERCISE]...", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(("terminal", "json")),
    default="terminal",
    show_default=True,
    help="How to show what was found.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write that to this file instead.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=None,
    help="Examiners at work at once; by default one a core.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**62),
    default=1,
    show_default=True,
    help="The first of the seeds.",
)
@settings_options(device_option(), course_option)
def verify_command(
    exercise_ids: tuple[str, ...],
    form: str,
    output: Path | None,
    jobs: int | None,
    seed: int,
    settings: Settings,
) -> None:
    """Prove EXERCISEs, or the whole course: what is right passes, and nothing wrong does.

    \b
    Exit status: 0 all is proven, 1 something is not, 2 wrong usage or an
    exercise that cannot be read, 3 the grader could not grade.
    """  # noqa: D301 - click's \b keeps these lines as they are
    from grader.examiner.client import device_of
    from grader.examiner.pool import cores
    from grader.verify import work

    ids = list(dict.fromkeys(exercise_ids)) or loading.exercise_ids(settings.course)
    planned = work.plan(settings, ids, seed, whole=not exercise_ids)
    if output is not None:
        write("", output)  # before the long work: a slip in its name costs nothing then
    device = device_of(settings.device)
    say_device(settings.device, device)
    settings = msgspec.structs.replace(settings, device=device)
    with _progress(len(planned.tasks)) as bar:
        verification = work.carry_out(
            planned, jobs or cores(), lambda: bar and bar.update(1), settings
        )
    from grader.verify import page as report

    shown = (
        report.as_json(verification)
        if form == "json"
        else lambda stream: report.write(verification, stream)
    )
    write(shown, output)
    sys.exit(verification.exit_code)


@click.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of exercise.yaml, for editors."""
    click.echo(msgspec.json.format(msgspec.json.encode(records.schema()), indent=2).decode())


def _progress(steps: int) -> contextlib.AbstractContextManager[Any]:
    """A bar on the terminal's error stream; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        return contextlib.nullcontext()
    return click.progressbar(length=steps, label="Verifying", file=sys.stderr)
