"""Commands before the first grade: the list, a statement, a starter, the sandbox."""

import sys

import click

from grader.cli.common import (
    borrow_examiner,
    course_option,
    exercise_argument,
    exercise_of,
    here,
    learner_option,
    resident_lines,
    root_here,
    say,
    say_in_pages,
    settings_options,
)
from grader.cli.progress import begin_quietly, learner_here, next_exercise, show_status
from grader.course import loading, location, trust
from grader.errors import CourseError
from grader.examiner.settings import Settings
from grader.study import advice, progress, workspace
from grader.submission.files import find_submission
from grader.text import indented_json


@click.command("list")
@settings_options(course_option)
def list_command(settings: Settings) -> None:
    """List the exercises.

    In a workspace, the list shows your progress, and an arrow marks the next exercise.
    """
    from grader.course import order

    root = root_here(settings)
    exercises, errors = loading.readable(root)
    ids = location.exercise_ids(root)
    titles = order.section_titles(root, ids)
    # Without a workspace there is no progress to show.
    found = progress.around(here())
    if found is None:
        from grader.report import exercise_page

        listed = {each: exercises.get(each) for each in ids}
        say_in_pages(exercise_page.listing(listed, titles))
    else:
        standings = progress.standings(found, exercises.values())
        following = progress.next_standing(standings)
        lines = [*advice.listing(standings, titles, following), "", advice.tally(standings)]
        say_in_pages("".join(f"{line}\n" for line in lines))

    if errors:
        # The others stay usable, but the course is broken.
        first, *others = errors.values()
        raise CourseError.of_all([first, *first.also, *others])


@click.command("show", short_help="Show the statement and the checks of an exercise.")
@exercise_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(("terminal", "prompt", "json")),
    default="terminal",
    show_default=True,
    help="prompt: the task for a language model. json: the same facts for a program.",
)
@settings_options(learner_option, course_option)
def show_command(exercise_id: str | None, form: str, settings: Settings) -> None:
    """Show the statement and the checks of EXERCISE.

    Without EXERCISE, show the next exercise that you have not passed.
    """
    from grader.report.exercise_page import as_document, as_prompt, as_text, exercise_page

    if exercise_id:
        exercise = exercise_of(root_here(settings), exercise_id)
    else:
        exercise = next_exercise(settings)

    if form != "terminal":
        # A program grades without a workspace, so the numbers of a quiz are those of no learner.
        page = exercise_page(exercise, settings.learner, "")
        starter = workspace.beginning(exercise, settings.learner)
        text = as_prompt(page, starter)
        if form == "json":
            text = indented_json(as_document(page, starter))

        click.echo(text, nl=False)
        return

    folder = here()
    then = f"Next: `grade {exercise.id}`."
    if find_submission(exercise, folder) is None:
        then = f"Next: `grade start {exercise.id}`, then `grade {exercise.id}`."

    attempts = progress.attempts_here(exercise, folder)
    page = exercise_page(exercise, learner_here(folder, settings.learner), then, attempts)
    if not sys.stdout.isatty():
        click.echo(as_text(page), nl=False)
        return

    from grader.report.terminal import grade_page, statement

    say_in_pages(grade_page.as_text(statement.page(page), sys.stdout))


@click.command("start", short_help="Make this folder your workspace, or start an exercise.")
@exercise_argument
@settings_options(learner_option, course_option)
def start_command(exercise_id: str | None, settings: Settings) -> None:
    """Make this folder your workspace, or start EXERCISE in it.

    With EXERCISE, write its starter, or the answer sheet of a quiz, into this folder.
    An existing file is never overwritten.
    """
    folder = here()
    named = settings.learner
    learner = learner_here(folder, named)
    if exercise_id is not None:
        exercise = exercise_of(root_here(settings), exercise_id)
        path = workspace.start(exercise, folder, learner)
        begin_quietly(folder, settings, path)
        click.echo(f"Wrote {path.name}. Edit it, then type `grade {exercise.id}`.")
        if exercise.spec.files:
            click.echo(f"It comes with {' and '.join(exercise.spec.files)}.")

        return

    is_new = progress.find(folder) is None
    # A course that cannot be read must leave no workspace behind.
    exercises = loading.listed(root_here(settings))
    found = progress.begin(folder, learner)
    sentence = advice.BEGUN
    if not is_new:
        # A workspace keeps its learner, whoever is named now.
        sentence = f"This folder is already the workspace of {progress.learner_of(found)}."

    begun = [*advice.wrapped(sentence), ""]
    say(begun)
    # Also for an existing workspace: this is how to change its course.
    if settings.root is not None:
        trust.remember(folder, settings.root)

    # The sentence about the new workspace must not scroll away.
    show_status(exercises, printed=len(begun))


@click.command("doctor", short_help="Check the sandbox on this machine.")
def doctor_command() -> None:
    """Check which layers of the sandbox this machine supports, and how to add the others."""
    from grader.report.terminal import doctor

    # A resident could know an earlier state of this machine.
    with borrow_examiner(may_stay=False) as examiner:
        layers = examiner.inspect()

    say(doctor.lines(layers))
    say(resident_lines())
    is_complete = all(layers.values())
    sys.exit(0 if is_complete else 1)
