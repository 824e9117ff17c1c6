"""``grade EXERCISE``: one submission, graded and shown."""

import contextlib
import os
import sys
from pathlib import Path

import click
import msgspec

from grader.cli.common import (
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
from grader.report.formats import FORMATS, About, OutputFormat
from grader.study import advice, progress, workspace
from grader.submission.files import Submission, find_submission, read_submission, submitted_file


@click.command("EXERCISE")
@click.pass_context
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="terminal",
    show_default=True,
    help="How to show the grade.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the grade to this file instead.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    help="Repeat a grading exactly: the seed that it printed.",
)
@click.option(
    "--ask", is_flag=True, help="Ask a quiz's questions here that are not answered rightly yet."
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

    Without FILE, EXERCISE.py, .yaml or .ipynb in this folder is graded; where
    there is none, the starter is written there and graded. Where FILE is a
    folder, the file in it that is named so is graded, or the only one of its kind.

    At a terminal, a quiz's questions that have no answer yet are asked one by one.
    """
    assert ctx.info_name is not None  # the word after `grade`
    output_format = FORMATS[form]
    if settings.device == "all" and not output_format.has_several:
        able = [name for name, each in FORMATS.items() if each.has_several]
        raise UsageError(
            f"--format {form} can contain only one grade; name one --device, or use one of the "
            f"formats {', '.join(able)}"
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
        started = f"No {file.name} here yet: started it for you. `grade show {exercise.id}` says what to do."
        for line in advice.wrapped(started):
            click.echo(line, err=True)
        begin_quietly(folder, settings)
    about = About(exercise, file, os.environ)
    try:
        path = submitted_file(exercise, file) if file.is_dir() else file
        submission = read_submission(exercise, path)
        chosen = new_seed() if seed is None else seed
        to_show = True
        if ask or (is_plain and _has_open_questions(exercise, path)):
            asked = msgspec.structs.replace(settings, learner=learner)
            submission, grade, to_show = _ask(exercise, path, asked, everything=ask)
            grades = [grade]
        else:
            request = Examine(exercise, submission, learner, chosen, ignore_sheet_name=bool(named))
            grades = _grades(request, settings)
    except SubmissionError as error:
        _write_refusal(error, output_format, about, output)
        sys.exit(1)

    for_person = form == "terminal"
    at_prompt = for_person and output is None
    if grades[0].status == "ungraded" and not output_format.has_ungraded:
        raise ExaminerError(
            f"{_why_ungraded(grades[0])}, which is not the learner's fault; nothing was written"
        )
    if for_person and grades[0].exit_code == 1 and progress.is_untouched(exercise, submission):
        # The learner has written nothing yet, so the failures of the starter are no news.
        lines = advice.wrapped(advice.untouched(exercise.code, grades[0]))
        write("".join(f"{line}\n" for line in lines), output)
    elif to_show:
        _write_grades(grades, output_format, about, output, all_devices=settings.device == "all")

    if at_prompt and not grades[0].points:
        # An exercise that cannot be read is no reason to fail: nobody asked for it.
        with contextlib.suppress(GraderError):
            others = loading.listed(root_here(settings))
            say(advice.wrapped(advice.other_exercise(exercise, submission, others)))
    if keep(exercise, path, submission, grades[0], named) and to_show and at_prompt:
        after_grade(exercise, grades[0], path.absolute().parent, settings)
    sys.exit(max(grade.exit_code for grade in grades))


def _write_refusal(
    error: SubmissionError, output_format: OutputFormat, about: About, output: Path | None
) -> None:
    """Write the result of a submission that cannot be read, or raise ``error`` again."""
    folder = about.file if about.file.is_dir() else about.file.parent
    # Where the submission is on the grading machine says nothing to the learner.
    message = str(error).replace(f"{folder}/", "")
    refusal = output_format.refusal(message, about)
    if refusal is None:
        raise error
    _write_step_summary(output_format.refusal_summary(message, about))
    write(refusal, output)


def _write_grades(
    grades: list[Grade],
    output_format: OutputFormat,
    about: About,
    output: Path | None,
    *,
    all_devices: bool,
) -> None:
    if all_devices:
        write(output_format.several(grades, about), output)
        return
    _write_step_summary(output_format.step_summary(grades[0], about))
    write(output_format.grade(grades[0], about), output)


def _grades(examine: Examine, settings: Settings) -> list[Grade]:
    """The grade on the device that was asked for, or one grade for each device of this machine."""
    from grader.examiner.client import Examiner, best_of

    asked = settings.device
    on_cpu = msgspec.structs.replace(settings, device="cpu")
    if not examine.exercise.spec.runs_code:
        # What PyTorch says is the same everywhere.
        with Examiner(on_cpu) as examiner:
            return [for_learner(examiner.grade(examine, _import_pages))]
    devices, grades = [asked], []
    if asked in ("auto", "all"):
        with Examiner(on_cpu) as examiner:
            present = examiner.devices()
            devices = present if asked == "all" else [best_of(present)]
            say_device(asked, devices[0])
            if "cpu" in devices:
                grades.append(for_learner(examiner.grade(examine, _import_pages)))
    # Each has an examiner of its own, whose wall is open for that device and for no other.
    for device in devices[len(grades) :]:
        with Examiner(msgspec.structs.replace(settings, device=device)) as examiner:
            grade = examiner.grade(msgspec.structs.replace(examine, device=device), _import_pages)
            grades.append(for_learner(grade))
    return grades


def _why_ungraded(grade: Grade) -> str:
    reasons = [check.message for check in grade.checks if check.outcome is Outcome.SKIPPED]
    return (
        reasons[0].rstrip(".")
        if len(reasons) == len(grade.checks)
        else "the grader could not grade this"
    )


def _has_open_questions(exercise: Exercise, path: Path) -> bool:
    """Whether this is a quiz's sheet with questions to ask, and someone at a terminal to be asked."""
    if exercise.spec.runs_code:
        return False
    from grader.cli import quiz_prompt

    return quiz_prompt.is_possible(exercise, path) and bool(
        quiz_prompt.open_questions(exercise, path)
    )


def _ask(
    exercise: Exercise, path: Path, settings: Settings, *, everything: bool
) -> tuple[Submission, Grade, bool]:
    """Ask a quiz's questions, then grade its sheet; whether all were asked, so that the page has all to tell."""
    from grader.cli import quiz_prompt
    from grader.examiner.client import Examiner

    if not quiz_prompt.is_possible(exercise, path):
        raise UsageError(
            f"{path.name}: --ask asks the questions of a quiz, at a terminal; answer in the file instead"
        )
    with Examiner(msgspec.structs.replace(settings, device="cpu")) as examiner:
        if everything:
            names = quiz_prompt.missed_questions(examiner, exercise, path)
        else:
            names = quiz_prompt.open_questions(exercise, path)
        to_show = quiz_prompt.sit(examiner, exercise, path, names)
        submission = read_submission(exercise, path)
        return (
            submission,
            for_learner(
                examiner.grade(Examine(exercise, submission, settings.learner, new_seed()))
            ),
            to_show,
        )


def _import_pages() -> None:
    """Import what shows a grade, while torch is imported over there."""
    from grader.report.export import documents  # noqa: F401
    from grader.report.terminal import grade_page  # noqa: F401


def _write_step_summary(page: str) -> None:
    """Add ``page`` to the summary of the current step of GitHub Actions, if there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not page or not path:
        return
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(page + "\n")
    except OSError as error:
        raise ExaminerError(
            f"{path}: cannot be written ({error.strerror}); fix this or unset GITHUB_STEP_SUMMARY"
        ) from None
