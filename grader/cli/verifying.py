"""``grade verify``: prove a course, once or after each change, or measure its checks."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from grader.cli.common import (
    author_course,
    course_option,
    device_option,
    say_device,
    settings_options,
    write,
)
from grader.course import loading, location
from grader.errors import CourseError, UsageError
from grader.examiner.settings import Settings
from grader.grades.isolation import NO_SANDBOX
from grader.system import SPAWNED, SYSTEM

if TYPE_CHECKING:
    from grader.examiner.pool import ExaminerPool


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
@click.option(
    "--quick",
    is_flag=True,
    help="Begin with what changed last, end with the mutants, and stop an exercise at the first "
    "stage that finds something.",
)
@click.option("--watch", is_flag=True, help="Prove again, as with --quick, after each change.")
@click.option(
    "--strength",
    is_flag=True,
    help="Instead of proving, list the mutants and the wrong submissions of outsiders that only "
    "one check catches.",
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
    quick: bool,
    watch: bool,
    strength: bool,
    settings: Settings,
) -> None:
    """Prove that checks accept solutions and reject mistakes.

    Without EXERCISE, prove the whole course: the one in the current folder, or in
    --course. Skip exercises that an earlier run proved and that have not changed since.

    \b
    The table counts what was tried and what gave the right result:
      solution   seeds with which the solution passes
      mistakes   misconceptions that are caught and named
      outsiders  submissions in outsiders/ that get the right verdict
      mutants    small changes of the solution that a check fails;
                 +2 are listed in equivalent.yaml
      draws      sets of numbers of a quiz that were tried

    \b
    Exit codes: 0 everything is proven, 1 something is not, 2 a usage error or
    an exercise that cannot be read, 3 the grader could not grade.
    """  # noqa: D301 - click's \b keeps these lines as they are
    from grader.examiner.client import device_of
    from grader.examiner.pool import ExaminerPool, cores

    course = author_course(settings) or settings.course
    # An exercise that is named twice is proven once.
    named = list(dict.fromkeys(exercise_ids))
    _check_known(course, named)
    device = device_of(settings.device)
    say_device(settings.device, device)
    settings = msgspec.structs.replace(settings, device=device)
    if output is not None:
        write("", output)  # so that a wrong path ends the command before minutes of work

    if SYSTEM.learners == SPAWNED:
        click.echo(NO_SANDBOX, err=True)

    with ExaminerPool(settings, jobs or cores()) as pool:
        if strength:
            ids = named or location.exercise_ids(course)
            _show_strength(course, ids, seed, pool, form, output)
            return

        job = _Job(
            course=course,
            named=named,
            seed=seed,
            use_cache=use_cache,
            quick=quick or watch,
            form=form,
            output=output,
        )
        code = job.run(pool)
        if watch:
            code = _run_after_changes(job, pool, code)

    sys.exit(code)


class _Job(msgspec.Struct, kw_only=True):
    """One verification, which can run again."""

    course: Path
    named: list[str]
    seed: int
    use_cache: bool
    quick: bool
    form: str
    output: Path | None

    def run(self, pool: "ExaminerPool") -> int:
        """Prove the course, write what was found, and return the exit code."""
        from grader.verify import page, verifier
        from grader.verify.earlier import EarlierProofs, cache_folder

        # A run after a change can find other exercises.
        ids = self.named or location.exercise_ids(self.course)
        folder = cache_folder() if self.use_cache else None
        proofs = EarlierProofs(
            folder, self.seed, pool.settings.device, pool.settings.isolation, SYSTEM.learners
        )
        known = proofs.find(self.course, ids)
        plan = verifier.plan(
            self.course,
            ids,
            self.seed,
            whole=not self.named,
            known=known,
            newest_first=self.quick,
        )
        with _progress(verifier.total_weight(plan)) as advance:
            verification = verifier.carry_out(plan, pool, advance, quick=self.quick)

        proofs.keep(verification.exercises)
        if self.form == "json":
            write(page.as_json(verification), self.output)
        else:
            write(partial(page.write, verification), self.output)

        return verification.exit_code


def _run_after_changes(job: _Job, pool: "ExaminerPool", code: int) -> int:
    """Run ``job`` again after each change of the course, until Ctrl-C; return the last exit code.

    ``code`` is that of the run before.
    """
    from watchfiles import watch

    sides = [job.course / "exercises", job.course / "solutions"]
    changes = watch(*sides, raise_interrupt=True)
    while _is_next(changes):
        # A warm examiner keeps the checks that it has imported.
        pool.rest()
        try:
            code = job.run(pool)
        except (CourseError, UsageError) as error:
            # An exercise has another name now, or is gone, as all of them can be for a moment.
            click.echo(f"grade: {error}", err=True)
            code = error.exit_code

    return code


def _is_next(changes: Iterator[object]) -> bool:
    """Wait for a change; return False if Ctrl-C ends that."""
    click.echo("\nWaiting for a change; Ctrl-C ends this.", err=True)
    try:
        return next(changes, None) is not None
    except KeyboardInterrupt:
        return False


def _show_strength(
    course: Path, ids: list[str], seed: int, pool: "ExaminerPool", form: str, output: Path | None
) -> None:
    from grader.verify import page, strength

    with _progress(strength.number_of_submissions(course, ids)) as advance:
        measured = strength.measure(course, ids, pool, seed, advance)

    if form == "json":
        write(page.as_json(measured), output)
    else:
        write(partial(page.write_strength, measured), output)


def _check_known(course: Path, ids: list[str]) -> None:
    """Raise ``UsageError`` for an id that this course does not have, with the course's folder."""
    known = location.exercise_ids(course)
    for exercise_id in ids:
        if exercise_id in known:
            continue

        try:
            loading.load_exercise(course, exercise_id)
        except UsageError as error:
            place = str(course.resolve())
            raise UsageError(error.problem, place=place, advice=error.advice) from None


@contextlib.contextmanager
def _progress(length: int) -> Iterator[Callable[[str, int], None]]:
    """A bar with the time left, if the error stream is a terminal; the result moves it on."""
    if not sys.stderr.isatty() or not length:
        yield lambda *_: None
        return

    with click.progressbar(
        length=length, label="Verifying", file=sys.stderr, item_show_func=lambda name: name
    ) as bar:
        yield lambda exercise_id, weight: bar.update(weight, exercise_id)
