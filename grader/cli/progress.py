"""The progress of the learner at work: what several commands show, keep and advise."""

import contextlib
import functools
import os
import sys
from pathlib import Path

import click

from grader.cli.common import here, resident_lines, root_here, say
from grader.course import loading, location
from grader.course.records import Exercise
from grader.errors import GradebookError, GraderError
from grader.examiner.settings import Settings
from grader.grades.grade import Grade
from grader.study import advice, progress
from grader.submission.files import Submission


def show_status(
    exercises: list[Exercise], *, with_residents: bool = False, printed: int = 0
) -> None:
    """Print the learner's progress; outside a workspace, print how to start.

    ``with_residents`` also lists the examiners that are ready for the next grade. ``printed`` is
    the number of lines that stand above.
    """
    folder = here()
    found = progress.find(folder)
    residents = resident_lines() if with_residents else []
    if found is None:
        # The learner may have started the command in a folder of the workspace.
        around = progress.around(folder)
        above = around.folder if around else None
        say(advice.welcome(exercises, above))
    else:
        standings = progress.standings(found, exercises)
        steps = functools.partial(advice.steps, folder=folder)
        say(advice.status(standings, steps, lines=_lines(printed + len(residents))))

    say(residents)


def _lines(printed: int) -> int | None:
    """Lines for a page above the next prompt; None if the page need not fit."""
    if not sys.stdout.isatty():
        return None

    lines = os.get_terminal_size(sys.stdout.fileno()).lines
    return lines - 2 - printed if lines else None


def next_exercise(settings: Settings) -> Exercise:
    """The first exercise that the learner has not passed; the last one if all are passed."""
    found = progress.around(here())
    exercises = loading.listed(root_here(settings))
    standings = progress.standings(found, exercises)
    # With every exercise passed, there is still something to show.
    following = progress.next_standing(standings) or standings[-1]
    return following.exercise


def learner_here(folder: Path, named: str = "") -> str:
    """The learner that was ``named``, or of the workspace ``folder``, or who is logged in."""
    if named:
        return named

    found = progress.around(folder)
    return progress.learner_at_work(found)


def next_steps(
    exercise: Exercise, grade: Grade, file: Path, settings: Settings, command: str
) -> list[tuple[str, str]]:
    """What to do after a grade of ``file``; ``command`` is what to type after ``grade`` again."""
    found = progress.around(file.absolute().parent)
    steps: list[tuple[str, str]] = []
    if not grade.passed:
        again = f"change {{line}}, then `grade {command}`"
        if not exercise.spec.runs_code:
            again = f"`grade {exercise.id} --ask` repeats the questions that you missed"

        steps.append(("Next", again))

    if found is not None:
        # The error was printed before, or is about an exercise that the learner did not name.
        with contextlib.suppress(GraderError):
            root = root_here(settings)
            word, step = advice.after_grade(found, exercise, grade, root)
            steps.append((word.rstrip(":?"), step))
    elif _may_be_learner(file, is_named=command != exercise.id):
        steps.append(("Keep", advice.NOT_KEPT))

    if not grade.passed:
        whole = f"`grade {command} --all"
        # The numbers of a quiz depend on the learner, not on a seed.
        if exercise.spec.runs_code:
            whole = f"{whole} --seed {grade.seed}"

        steps.append(("All", f"{whole}`"))

    return steps


def _may_be_learner(file: Path, *, is_named: bool) -> bool:
    """Whether a grade of ``file`` is worth keeping: not that of an author or an instructor."""
    return not is_named and not location.is_course(file.absolute().parent)


def begin_quietly(folder: Path, settings: Settings, started: Path) -> None:
    """Make ``folder`` a workspace if that is possible; say so the first time.

    ``started`` is the file that was written there. In a folder of a workspace, the progress
    stays together in that one.
    """
    is_new = progress.find(folder) is None
    above = progress.around(folder)
    if is_new and above is not None:
        say(advice.wrapped(f"Your progress is kept in {above.folder}, your workspace."), err=True)
        return

    named = settings.learner
    # Grading works in a folder that cannot be a workspace, too.
    with contextlib.suppress(GraderError):
        learner = learner_here(folder, named)
        progress.begin(folder, learner, settings.root)
        if is_new:
            say(advice.wrapped(advice.BEGUN), err=True)
            wrong = f"If you meant another folder, remove .grade and {started.name} here."
            say(advice.wrapped(wrong), err=True)


def keep(
    exercise: Exercise, file: Path, submission: Submission, grade: Grade, named: str = ""
) -> bool:
    """Keep a grade in the workspace that contains ``file``; return whether there is one.

    A grade for another learner, who was ``named``, is not kept. A failure is printed.
    """
    folder = file.absolute().parent
    found = progress.around(folder)
    if found is None:
        return False

    try:
        # Progress in a workspace is that of one learner.
        is_own = not named or named == progress.learner_of(found)
        if is_own:
            progress.record(found, exercise, submission, grade)
    except (GradebookError, OSError) as error:
        say(advice.wrapped(f"grade: graded, but not kept as progress: {error}"), err=True)

    return True


def after_grade(
    exercise: Exercise, grade: Grade, file: Path, settings: Settings, *, is_named: bool
) -> None:
    """Print what to do next after a grade of ``file``."""
    # A failure of the grader is no step of the learner.
    if grade.status == "ungraded":
        return

    found = progress.around(file.absolute().parent)
    if found is None:
        if _may_be_learner(file, is_named=is_named):
            say(advice.wrapped(f"This grade is not kept. {advice.NOT_KEPT}"))

        return

    # The error was printed before, or is about an exercise that the learner did not name.
    with contextlib.suppress(GraderError):
        # For code, the same command grades again; a quiz would only grade the same sheet.
        if not grade.passed and not exercise.spec.runs_code:
            click.echo(f"`grade {exercise.id} --ask` repeats the questions that you missed.")

        root = root_here(settings)
        step = advice.after_grade(found, exercise, grade, root)
        say(advice.wrapped(" ".join(step)))
