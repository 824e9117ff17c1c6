"""What a learner asks beside grading: the list, a statement, a starter, what holds submissions."""

import sys

import click

from grader.cli.common import (
    complete_exercise,
    course_option,
    exercise_of,
    here,
    learner_option,
    root_here,
    settings_options,
)
from grader.cli.studying import BEGUN, begin_quietly, learner_here, next_exercise, show_status
from grader.course import loading, trust
from grader.examiner.settings import Settings
from grader.study import progress, workspace
from grader.submission.files import find_submission


@click.command("list")
@settings_options(course_option)
def list_command(settings: Settings) -> None:
    """List the exercises."""
    from grader.report import exercise_page

    click.echo(exercise_page.listing(loading.listed(root_here(settings))), nl=False)


@click.command("show")
@click.argument(
    "exercise_id", metavar="[EXERCISE]", required=False, shell_complete=complete_exercise
)
@settings_options(learner_option, course_option)
def show_command(exercise_id: str | None, settings: Settings) -> None:
    """Show what EXERCISE asks for, and its rubric.

    Without EXERCISE, the one that `grade` says is next.
    """
    from grader.report.exercise_page import as_text, exercise_page

    exercise = (
        exercise_of(root_here(settings), exercise_id) if exercise_id else next_exercise(settings)
    )
    file = find_submission(exercise, here())
    start = "" if file else f"`grade start {exercise.id}`, then "
    then = f"Next: {start}`grade {exercise.id}`."
    facts = exercise_page(exercise, learner_here(here(), settings.learner), then)
    if sys.stdout.isatty():
        from grader.report.terminal import grade_page, statement

        grade_page.show(statement.page(facts), sys.stdout)
    else:
        click.echo(as_text(facts), nl=False)


@click.command("start", short_help="Begin a workspace, or an exercise in it.")
@click.argument(
    "exercise_id", metavar="[EXERCISE]", required=False, shell_complete=complete_exercise
)
@settings_options(learner_option, course_option)
def start_command(exercise_id: str | None, settings: Settings) -> None:
    """Begin a workspace, or EXERCISE in it.

    Writes the starter of EXERCISE into this folder, and never overwrites. Without EXERCISE,
    makes this folder your workspace and says what comes next.
    """
    folder = here()
    who = learner_here(folder, settings.learner)
    if exercise_id is None:
        begun = progress.find(folder) is None
        exercises = loading.listed(root_here(settings))
        progress.begin(folder, who)
        if begun:
            click.echo(f"{BEGUN}\n")
        if settings.root is not None:
            trust.remember(folder, settings.root)
        show_status(exercises)
        return
    exercise = exercise_of(root_here(settings), exercise_id)
    path = workspace.start(exercise, folder, who)
    begin_quietly(folder, settings)
    click.echo(f"Wrote {path.name}. Edit it, then type `grade {exercise.id}`.")


@click.command("doctor", short_help="Show what holds submissions on this machine.")
def doctor_command() -> None:
    """Show what holds submissions on this machine, and what to do where something does not."""
    from grader.examiner.client import Examiner
    from grader.report.terminal import doctor

    with Examiner() as examiner:
        holds = examiner.inspect()
    for line in doctor.lines(holds):
        click.echo(line)
    sys.exit(0 if all(holds.values()) else 1)
