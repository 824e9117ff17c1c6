"""What a learner alone asks: where they are, a hint, to begin again, a solution, completion in their shell."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import msgspec

from grader.cli.common import (
    complete_exercise,
    course_option,
    exercise_argument,
    exercise_of,
    here,
    isolation_option,
    root_here,
    say,
    settings_options,
)
from grader.course import loading
from grader.course.records import Exercise
from grader.errors import GradebookError, GraderError, UsageError
from grader.examiner.protocol import Survey
from grader.examiner.settings import Settings
from grader.grades.grade import Grade
from grader.study import advice, progress, workspace
from grader.submission import answer_sheet
from grader.submission.files import Submission, find_submission, read_submission

BEGUN: Final = "This folder is your workspace now: progress is kept in its folder .grade."
_SHELLS: Final = ("bash", "zsh", "fish")


@click.command("status", short_help="Show where you are and what is next.")
@settings_options(course_option)
def status_command(settings: Settings) -> None:
    """Show where you are and what is next."""
    show_status(loading.listed(root_here(settings)))


def show_status(exercises: list[Exercise]) -> None:
    """Print where a learner is; outside a workspace, how to begin."""
    folder = here()
    found = progress.find(folder)
    if found is None:
        above = progress.around(folder)
        say(advice.welcome(exercises, above.folder if above else None))
        return
    say(
        advice.status(
            progress.standings(found, exercises), lambda standing: advice.steps(standing, folder)
        )
    )


@click.command("watch", short_help="Grade on every save.")
@click.argument(
    "exercise_id", metavar="[EXERCISE]", required=False, shell_complete=complete_exercise
)
@settings_options(isolation_option, course_option)
def watch_command(exercise_id: str | None, settings: Settings) -> None:
    """Grade whenever you save.

    Begins with EXERCISE, or the next that is not passed, and goes on from there.
    """
    from grader.cli import watch

    folder = here()
    first = exercise_of(root_here(settings), exercise_id) if exercise_id else None
    learner = learner_here(folder)
    exercises = list(loading.load_course(root_here(settings)).values())
    progress.begin(folder, learner, settings.root)
    settings = msgspec.structs.replace(settings, learner=learner)
    ended_by = watch.watch(folder, exercises, first, settings)
    click.echo("\n`grade` alone shows where you are.")
    sys.exit(128 + ended_by if ended_by else 0)


@click.command("hint", short_help="Give the next hint for an exercise.")
@click.argument(
    "exercise_id", metavar="[EXERCISE]", required=False, shell_complete=complete_exercise
)
@click.argument("number", required=False, type=int)
@settings_options(course_option)
def hint_command(exercise_id: str | None, number: int | None, settings: Settings) -> None:
    """Give the next hint for EXERCISE.

    With NUMBER, gives one again. Without EXERCISE, for the one that `grade` says is next.
    """
    found = progress.find(here())
    if exercise_id is None:
        following = progress.next_standing(
            progress.standings(found, loading.listed(root_here(settings)))
        )
        if following is None:
            say(advice.wrapped(f"{advice.ALL_PASSED} {advice.HINTS_ALL_THE_SAME}"))
            return
        exercise = following.exercise
    else:
        exercise = exercise_of(root_here(settings), exercise_id)
    can_remember = found is not None and os.access(found.gradebook, os.W_OK)
    given = progress.hint(found if can_remember else None, exercise, number)
    say(advice.hint(exercise, given, advice.after_hint(exercise, given, can_remember=can_remember)))


@click.command("reset", short_help="Begin an exercise again; what you wrote is kept.")
@exercise_argument
@settings_options(course_option)
def reset_command(exercise_id: str, settings: Settings) -> None:
    """Begin EXERCISE again; nothing is lost.

    What you wrote is kept beside it, under a number.
    """
    exercise = exercise_of(root_here(settings), exercise_id)
    folder = here()
    path, backup = workspace.reset(exercise, folder, learner_here(folder))
    if backup is None:
        click.echo(f"{path.name} is as `grade start` writes it; there was nothing to put aside.")
        return
    click.echo(f"{path.name} is as at the beginning. What you had is in {backup.name}.")


@click.command("solution", short_help="Show the solution of a passed exercise.")
@exercise_argument
@click.option("--give-up", is_flag=True, help="Show it although you have not passed the exercise.")
@settings_options(course_option)
def solution_command(exercise_id: str, settings: Settings, *, give_up: bool) -> None:
    """Show a solution beside yours.

    For who has passed EXERCISE; for others with --give-up.
    """
    from grader.report.terminal import solution

    exercise = exercise_of(root_here(settings), exercise_id)
    folder = here()
    found = progress.find(folder)
    if not give_up and not (found and progress.standings(found, [exercise])[0].passed):
        raise UsageError(
            f"{exercise.id} is not passed here yet; `grade hint {exercise.id}` helps, and "
            f"`grade solution {exercise.id} --give-up` shows it all the same"
        )
    file = find_submission(exercise, folder)
    if exercise.spec.runs_code:
        own = read_submission(exercise, file) if file else None
        solution.write_code(exercise, own, sys.stdout)
    else:
        learner = learner_here(folder)
        written = answer_sheet.answers(exercise, file) if file else {}
        asked = answer_sheet.sheet_learner(exercise, file, learner) if file else learner
        solution.write_key(exercise, _answers(exercise, asked, written), sys.stdout)
    if give_up and found is not None:
        progress.give_up(found, exercise)


@click.command("completion", short_help="Print what sets up completion in your shell.")
@click.argument("shell", required=False, type=click.Choice(_SHELLS))
def completion_command(shell: str | None) -> None:
    """Print what completes words in your shell.

    SHELL is by default the one you use; docs/self-progress.md says where to put it.
    """
    from click.shell_completion import get_completion_class

    shell = shell or Path(os.environ.get("SHELL", "")).name
    kind = get_completion_class(shell) if shell in _SHELLS else None
    if kind is None:
        raise UsageError(
            f"which shell? name one of {', '.join(_SHELLS)}, as in `grade completion bash`"
        )
    # Not kind.source(): for bash that starts another to ask for its version, each time a shell begins.
    script = kind(click.get_current_context().find_root().command, {}, "grade", "_GRADE_COMPLETE")
    click.echo(script.source_template % script.source_vars())


@click.command("help")
@click.pass_context
def help_command(ctx: click.Context) -> None:
    """Show this message."""
    click.echo(ctx.find_root().get_help())


def next_exercise(settings: Settings) -> Exercise:
    """The exercise that comes next for who is at work here."""
    exercises = loading.listed(root_here(settings))
    following = progress.next_standing(progress.standings(progress.find(here()), exercises))
    return following.exercise if following else exercises[-1]


def learner_here(folder: Path, named: str = "") -> str:
    """Who is at work in ``folder``: who was named, whose workspace it is, or who is logged in."""
    return named or progress.at_work(progress.find(folder))


def _answers(
    exercise: Exercise, learner: str, written: dict[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Each question as put to ``learner``, what was answered, and what PyTorch gives."""
    from grader.examiner.client import Examiner

    with Examiner() as examiner:
        for name, text in answer_sheet.questions(exercise, learner):
            key = examiner.survey(Survey(exercise, name, learner, answers_only=True)).key
            yield f"{name}: {text}", written.get(name, ""), key


def begin_quietly(folder: Path, settings: Settings) -> None:
    """Make ``folder`` a workspace, now that something of the learner's is in it; where that cannot be, it is none.

    The first time, a line says so.
    """
    is_new = progress.find(folder) is None
    with contextlib.suppress(GraderError):
        progress.begin(folder, learner_here(folder, settings.learner), settings.root)
        if is_new:
            click.echo(BEGUN, err=True)


def keep(
    exercise: Exercise, file: Path, submission: Submission, grade: Grade, named: str = ""
) -> bool:
    """Keep a grade in the workspace that ``file`` lies in; whether it lies in one. A failure is told, not raised.

    What somebody else is named for is not the learner's of this workspace.
    """
    found = progress.find(file.absolute().parent)
    if found is None:
        return False
    try:
        if not named or named == progress.learner_of(found):
            progress.record(found, exercise, submission, grade)
    except (GradebookError, OSError) as error:
        for line in advice.wrapped(f"grade: graded, but not kept as progress: {error}"):
            click.echo(line, err=True)
    return True


def after_grade(exercise: Exercise, grade: Grade, folder: Path, settings: Settings) -> None:
    """Say what comes next."""
    found = progress.find(folder)
    with contextlib.suppress(
        GraderError
    ):  # what cannot be read here was told before, or is not about this exercise
        if found is None or grade.status == "ungraded":
            return
        if not grade.passed and not exercise.spec.runs_code:
            click.echo(f"`grade {exercise.id} --ask` asks again, here, what is not right yet.")
        if sentence := advice.after_grade(found, exercise, grade, root_here(settings)):
            click.echo("\n".join(advice.wrapped(sentence)))
