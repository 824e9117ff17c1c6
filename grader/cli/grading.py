"""``grade EXERCISE``: grade one submission and show the grade."""

import contextlib
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

import click
import msgspec

from grader.cli.common import (
    borrow_examiner,
    course_option,
    device_option,
    exercise_of,
    here,
    isolation_option,
    learner_option,
    root_here,
    say,
    say_device,
    settings_options,
    write,
)
from grader.cli.studying import after_grade, begin_quietly, keep, learner_here
from grader.course import loading
from grader.course.records import Exercise
from grader.errors import ExaminerError, GraderError, SubmissionError, UsageError
from grader.examiner.protocol import Examine, new_seed
from grader.examiner.settings import Settings
from grader.grades.grade import Grade, Outcome, for_learner
from grader.study import advice, progress, workspace
from grader.submission.files import Submission, find_submission, read_submission, submitted_file

_FORMATS: Final = ("terminal", "json", "junit", "github", "gradescope", "classroom50")
_SIDE_BY_SIDE: Final = ("terminal", "json", "junit")
"""Formats that can hold the grades of several devices."""
_NO_ZERO: Final = ("gradescope", "classroom50")
"""Formats that cannot say that the grader failed: without a file, their systems say it themselves."""


@click.command("EXERCISE")
@click.pass_context
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="terminal",
    show_default=True,
    help="Output format of the grade.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the grade to this file.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Repeat an earlier grading exactly: use the seed that it printed.",
)
@click.option(
    "--ask", is_flag=True, help="Ask the questions of a quiz that you have not answered correctly."
)
@settings_options(learner_option, device_option("all"), isolation_option, course_option)
def exercise_command(
    ctx: click.Context,
    file: Path | None,
    form: str,
    output: Path | None,
    seed: int | None,
    settings: Settings,
    *,
    ask: bool,
) -> None:
    """Grade FILE for this exercise.

    Without FILE, grade EXERCISE.py, .yaml or .ipynb in this folder. If there is none, create
    the starter and grade it. If FILE is a folder, grade the file of that name in it, or the
    only file of a suitable type.

    At a terminal, a quiz first asks the questions that have no answer yet, one by one.
    """
    # Click's name of the command is the word after `grade`.
    assert ctx.info_name is not None
    if settings.device == "all" and form not in _SIDE_BY_SIDE:
        raise UsageError(
            f"--format {form} holds one grade, so name one --device, or use {', '.join(_SIDE_BY_SIDE)}"
        )
    exercise = exercise_of(root_here(settings), ctx.info_name, or_command=True)
    named = settings.learner
    folder = here()
    learner = learner_here(folder, named)
    is_plain = file is None and form == "terminal" and output is None
    if file is None:
        file = find_submission(exercise, folder)
    if file is None:
        file = workspace.start(exercise, folder, learner)
        started = f"Created {file.name}. `grade show {exercise.id}` shows the statement."
        say(advice.wrapped(started), err=True)
        begin_quietly(folder, settings)
    try:
        path = submitted_file(exercise, file) if file.is_dir() else file
        submission = read_submission(exercise, path)
        chosen = new_seed() if seed is None else seed
        to_show = True
        if ask or (is_plain and _has_open_questions(exercise, path)):
            asked = msgspec.structs.replace(settings, learner=learner)
            submission, grade, to_show = _ask(exercise, path, asked, only_open=not ask)
            grades = [grade]
        else:
            request = Examine(exercise, submission, learner, chosen, ignore_sheet_name=bool(named))
            grades = _grades(request, settings)
    except SubmissionError as error:
        # A system that waits for a result gets one for an unreadable submission too.
        refusal = _refusal(
            form,
            exercise,
            file,
            str(error).replace(f"{file if file.is_dir() else file.parent}/", ""),
        )
        if refusal is None:
            raise
        write(refusal, output)
        sys.exit(1)
    if grades[0].status == "ungraded" and form in _NO_ZERO:
        raise ExaminerError(
            f"{_why_ungraded(grades[0])}; this is not the learner's fault, and nothing was written"
        )
    if (
        form == "terminal"
        and grades[0].exit_code == 1
        and progress.is_untouched(exercise, submission)
    ):
        # Each check would only report the NotImplementedError of the starter.
        write(
            "".join(
                f"{line}\n" for line in advice.wrapped(advice.untouched(exercise.code, grades[0]))
            ),
            output,
        )
    elif to_show:
        as_asked = _side_by_side(form, grades, exercise) if settings.device == "all" else None
        write(as_asked or _formatted(form, grades[0], exercise, file), output)
    if form == "terminal" and output is None and not grades[0].points:
        # The learner did not ask about an unreadable exercise elsewhere in the course.
        with contextlib.suppress(GraderError):
            others = loading.listed(root_here(settings))
            say(advice.wrapped(advice.other_exercise(exercise, submission, others)))
    if (
        keep(exercise, path, submission, grades[0], named)
        and to_show
        and form == "terminal"
        and output is None
    ):
        after_grade(exercise, grades[0], path.absolute().parent, settings)
    sys.exit(max(grade.exit_code for grade in grades))


def _grades(examine: Examine, settings: Settings) -> list[Grade]:
    """The grade on the device of ``settings``, or one grade for each device of this machine."""
    from grader.examiner.client import best_of

    asked = settings.device
    on_cpu = msgspec.structs.replace(settings, device="cpu")
    if not examine.exercise.spec.runs_code:
        # A quiz asks about PyTorch, which gives the same answers on every device.
        with borrow_examiner(on_cpu) as examiner:
            return [for_learner(examiner.grade(examine, _import_pages))]
    devices = [asked]
    grades = []
    if asked in ("auto", "all"):
        with borrow_examiner(on_cpu) as examiner:
            devices = examiner.devices()
            if asked == "auto":
                devices = [best_of(devices)]
            say_device(asked, devices[0])
            if "cpu" in devices:
                grades.append(for_learner(examiner.grade(examine, _import_pages)))
    # Each device needs its own examiner: the sandbox opens for that device and no other.
    for device in devices[len(grades) :]:
        with borrow_examiner(msgspec.structs.replace(settings, device=device)) as examiner:
            on_device = msgspec.structs.replace(examine, device=device)
            grades.append(for_learner(examiner.grade(on_device, _import_pages)))
    return grades


def _why_ungraded(grade: Grade) -> str:
    reasons = [check.message for check in grade.checks if check.outcome is Outcome.SKIPPED]
    if len(reasons) < len(grade.checks):
        return "the grader could not grade this"
    return reasons[0].rstrip(".")


def _has_open_questions(exercise: Exercise, path: Path) -> bool:
    """Whether ``path`` is an answer sheet with open questions that can be asked at a terminal."""
    if exercise.spec.runs_code:
        return False
    from grader.cli import quiz_prompt

    if not quiz_prompt.is_possible(exercise, path):
        return False
    return bool(quiz_prompt.open_questions(exercise, path))


def _ask(
    exercise: Exercise, path: Path, settings: Settings, *, only_open: bool
) -> tuple[Submission, Grade, bool]:
    """Ask the questions of a quiz, then grade the sheet; also whether every question was asked."""
    from grader.cli import quiz_prompt

    if not quiz_prompt.is_possible(exercise, path):
        raise UsageError(
            f"{path.name}: --ask asks the questions of a quiz at a terminal; edit the file instead"
        )
    with borrow_examiner(msgspec.structs.replace(settings, device="cpu")) as examiner:
        prompt = quiz_prompt.QuizPrompt(examiner, exercise, path, settings.learner)
        names = quiz_prompt.open_questions(exercise, path) if only_open else prompt.missed()
        is_complete = prompt.ask(names)
        submission = read_submission(exercise, path)
        grade = examiner.grade(Examine(exercise, submission, settings.learner, new_seed()))
    return submission, for_learner(grade), is_complete


def _import_pages() -> None:
    """Import the reports while the examiner imports torch."""
    from grader.report.export import documents  # noqa: F401
    from grader.report.terminal import grade_page  # noqa: F401


def _formatted(
    form: str, grade: Grade, exercise: Exercise, file: Path
) -> str | Callable[[TextIO], None]:
    """The grade as text, or what writes it to a stream."""
    from grader.report.export import classroom50, documents, github, gradescope, markdown
    from grader.report.terminal import grade_page

    if form == "terminal":
        return lambda stream: grade_page.write(grade, exercise.spec.title, stream)
    if form == "json":
        return documents.as_json(grade)
    if form == "junit":
        return documents.as_junit(grade)
    if form == "gradescope":
        return gradescope.as_results(grade)
    if form == "classroom50":
        return classroom50.as_result(grade, classroom50.origin_of(os.environ), datetime.now(UTC))
    _summarise(markdown.feedback(grade, exercise.spec.title))
    return github.annotations(grade, str(file / grade.submission if file.is_dir() else file))


def _side_by_side(
    form: str, grades: list[Grade], exercise: Exercise
) -> str | Callable[[TextIO], None]:
    """The grades of several devices as one text, or what writes it to a stream."""
    from grader.report.export import documents
    from grader.report.terminal import grade_page

    if form == "terminal":
        return lambda stream: grade_page.write_all(grades, exercise.spec.title, stream)
    return documents.all_as_json(grades) if form == "json" else documents.as_junit(*grades)


def _refusal(form: str, exercise: Exercise, file: Path, message: str) -> str | None:
    """What a system is told of a submission that cannot be read; None where it is an error like any other."""
    from grader.report.export import classroom50, github, gradescope, markdown

    if form == "gradescope":
        return gradescope.refusal(exercise, message)
    if form == "classroom50":
        origin = classroom50.origin_of(os.environ)
        return classroom50.refusal(origin, gradescope.max_points(exercise), datetime.now(UTC))
    if form == "github":
        _summarise(f"# {exercise.id}\n\n{markdown.fenced(message)}\n")
        return github.refusal(message, str(file))
    return None


def _summarise(page: str) -> None:
    """Add ``page`` to the summary of a step of GitHub Actions, where this runs in one."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with open(path, "a", encoding="utf-8") as file:
                file.write(page + "\n")
        except OSError as error:
            raise ExaminerError(
                f"{path}: cannot be written ({error.strerror}); mend that, or unset GITHUB_STEP_SUMMARY"
            ) from None
