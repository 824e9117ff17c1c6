"""Commands of self-study: progress, watch, hints, reset, solutions."""

import sys
from pathlib import Path

import click
import msgspec

from grader.cli.common import (
    borrow_examiner,
    course_option,
    exercise_argument,
    exercise_of,
    here,
    isolation_option,
    root_here,
    say,
    settings_options,
)
from grader.cli.progress import learner_here, next_exercise, show_status
from grader.course import loading
from grader.course.draws import example_numbers, fill
from grader.course.records import Exercise
from grader.errors import UsageError
from grader.examiner.protocol import Survey
from grader.examiner.settings import Settings
from grader.study import advice, progress, workspace
from grader.submission import answer_sheet
from grader.submission.files import find_submission, read_submission
from grader.text import count


@click.command("status")
@settings_options(course_option)
def status_command(settings: Settings) -> None:
    """Show your progress and what to type next."""
    show_status(loading.listed(root_here(settings)), with_residents=True)


@click.command("stop", short_help="End the examiners that are ready for the next grade.")
def stop_command() -> None:
    """End the examiners that earlier commands left running.

    They make the next grade fast, and end by themselves when no command uses them for ten
    minutes.
    """
    from grader.examiner import resident

    ended = resident.end()
    if ended:
        click.echo(f"Ended {count(ended, 'examiner')}.")
    else:
        click.echo("No examiner was running.")


@click.command("watch", short_help="Grade on every save.")
@exercise_argument
@settings_options(isolation_option, course_option)
def watch_command(exercise_id: str | None, settings: Settings) -> None:
    """Grade on every save.

    Start with EXERCISE, or with the next exercise that you have not passed. After each pass,
    continue with the next one.
    """
    from grader.cli import watch

    folder = here()
    root = root_here(settings)
    # A wrong name must be reported before this folder becomes a workspace.
    first = exercise_of(root, exercise_id) if exercise_id else None
    learner = learner_here(folder)
    # One broken exercise would stop the watch in the middle of an hour, so it stops it now.
    exercises = list(loading.load_course(root).values())
    progress.begin(folder, learner, settings.root)
    settings = msgspec.structs.replace(settings, learner=learner)
    ended_by = watch.watch_folder(folder, exercises, first, settings)
    click.echo("\n`grade` alone shows your progress.")
    if ended_by:
        # A shell's exit code after a signal.
        sys.exit(128 + ended_by)


@click.command("hint", short_help="Give the next hint for an exercise.")
@exercise_argument
@click.argument("number", required=False, type=int)
@settings_options(course_option)
def hint_command(exercise_id: str | None, number: int | None, settings: Settings) -> None:
    """Give the next hint for EXERCISE.

    With NUMBER, repeat that hint. Without EXERCISE, give a hint for the next exercise that you
    have not passed.
    """
    root = root_here(settings)
    found = progress.around(here())
    if exercise_id is not None:
        exercise = exercise_of(root, exercise_id)
    else:
        standings = progress.standings(found, loading.listed(root))
        following = progress.next_standing(standings)
        if following is None:
            # A hint would be taken for an exercise that the learner did not name.
            say(advice.wrapped(f"{advice.ALL_PASSED} {advice.STILL_HINTS}"))
            return

        exercise = following.exercise

    given = progress.hint(found, exercise, number)
    # In a folder without write permission, the hint says that it is not counted.
    say(advice.hint(exercise, given))


@click.command("reset", short_help="Start an exercise again; a backup keeps your work.")
@exercise_argument
@settings_options(course_option)
def reset_command(exercise_id: str | None, settings: Settings) -> None:
    """Start EXERCISE again.

    A numbered backup next to the file keeps your work.
    """
    if exercise_id is None:
        raise _which_exercise("reset", settings)

    exercise = exercise_of(root_here(settings), exercise_id)
    folder = here()
    # A new answer sheet asks with the numbers of this learner.
    learner = learner_here(folder)
    attempts = progress.attempts_after(progress.around(folder), exercise)
    path, backup = workspace.reset(exercise, folder, learner, attempts)
    if backup is None:
        click.echo(f"{path.name} is still as `grade start` writes it; nothing to back up.")
    else:
        click.echo(f"{path.name} was reset. Your work is in {backup.name}.")


@click.command("solution", short_help="Show the solution of an exercise that you passed.")
@exercise_argument
@click.option("--give-up", is_flag=True, help="Show the solution although you have not passed.")
@settings_options(course_option)
def solution_command(exercise_id: str | None, settings: Settings, *, give_up: bool) -> None:
    """Show a solution of EXERCISE next to yours.

    You must have passed EXERCISE, or give up with --give-up.
    """
    from grader.report.terminal import solution

    if exercise_id is None:
        raise _which_exercise("solution", settings)

    exercise = exercise_of(root_here(settings), exercise_id)
    folder = here()
    found = progress.around(folder)
    # Outside a workspace nothing is known to be passed.
    (standing,) = progress.standings(found, [exercise])
    if not give_up and not standing.passed:
        raise UsageError(
            f"you have not passed {exercise.id} in this folder; `grade hint {exercise.id}` helps, "
            f"and `grade solution {exercise.id} --give-up` shows the solution anyway"
        )

    file = find_submission(exercise, folder)
    # Two texts for code; for a quiz solved examples, which give no attempt away.
    if exercise.spec.runs_code:
        own = read_submission(exercise, file) if file else None
        solution.write_code(exercise, own, sys.stdout)
    else:
        examples = _solved_examples(exercise, file, learner_here(folder))
        solution.write_key(exercise, examples, sys.stdout)

    # Last: a solution that could not be shown does not count as given up.
    if give_up and found is not None:
        progress.give_up(found, exercise)


@click.command("help", short_help="Show this message, or the help of a command.")
@click.argument("command", required=False)
@click.pass_context
def help_command(ctx: click.Context, command: str | None) -> None:
    """Show how to use `grade`, or one of its commands."""
    program = ctx.find_root()
    if command is None:
        click.echo(program.get_help())
        return

    assert isinstance(program.command, click.Group)
    known = program.command.commands.get(command)
    if known is None:
        raise UsageError(f"there is no command `{command}`; `grade help` lists them")

    click.echo(known.get_help(click.Context(known, program, command)))


def _which_exercise(command: str, settings: Settings) -> UsageError:
    """The error of a command that must not choose an exercise by itself."""
    example = next_exercise(settings).id
    return UsageError(f"which exercise? name one, as in `grade {command} {example}`")


def _solved_examples(exercise: Exercise, file: Path | None, learner: str) -> list[tuple[str, str]]:
    """Each question of a quiz with numbers of no attempt, and PyTorch's answer to it."""
    attempts: dict[str, int] = {}
    # A quiz can be given up before it is started.
    if file is not None:
        attempts = answer_sheet.attempts(exercise, file)

    rows = []
    with borrow_examiner() as examiner:
        for question in exercise.spec.questions:
            attempt = attempts.get(question.name, 1)
            numbers = example_numbers(exercise.id, question, learner, attempt)
            survey = Survey(exercise, question.name, learner, answers_only=True, numbers=numbers)
            # Only the examiner runs PyTorch.
            key = examiner.survey(survey).key
            rows.append((f"{question.name}: {fill(question.ask, numbers)}", key))

    return rows
