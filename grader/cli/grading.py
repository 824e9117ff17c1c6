"""``grade EXERCISE``: grade one submission and show the grade."""

import contextlib
import functools
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from grader.cli.common import (
    allow_option,
    borrow_examiner,
    course_option,
    device_option,
    exercise_of,
    here,
    isolation_option,
    learner_option,
    no_resident_option,
    read_seed,
    root_here,
    say,
    say_device,
    say_weak_sandbox,
    settings_options,
    waiting,
    write,
)
from grader.cli.progress import after_grade, begin_quietly, keep, learner_here, next_steps
from grader.course import loading, location
from grader.course.records import Exercise
from grader.errors import (
    ExaminerError,
    GraderError,
    SubmissionError,
    UnreadableError,
    UsageError,
    os_errors_as,
)
from grader.examiner.early import early_check, starter_grade
from grader.examiner.protocol import Examine, new_seed
from grader.examiner.settings import Settings
from grader.grades import isolation
from grader.grades.grade import Grade, Outcome, for_learner, next_attempts
from grader.report.formats import FORMATS, About, OutputFormat
from grader.study import advice, progress, workspace
from grader.submission import answer_sheet, notebook
from grader.submission.filenames import suffix_of
from grader.submission.files import (
    Submission,
    find_submission,
    misnamed_submission,
    other_spellings,
    read_submission,
    refuse_link,
    spelling_note,
)
from grader.text import count, printable

if TYPE_CHECKING:
    from grader.examiner.client import Examiner

_GRADING_SECONDS: Final = 3
"""Seconds that grading takes at most, unless a submission hangs."""
_LOADING_SECONDS: Final = 8
"""The same, if PyTorch has to be loaded first."""
_SLOW: Final = "Does a loop never end? Ctrl-C stops it"


@click.command("EXERCISE")
@click.pass_context
@click.argument("file", required=False, type=click.Path(path_type=Path))
# What a learner needs comes first in the help.
@click.option(
    "--all",
    "whole",
    is_flag=True,
    help="At a terminal: show every check, and the failures with all their values.",
)
@click.option(
    "--ask",
    is_flag=True,
    help="For a quiz: ask every question that you have not yet answered correctly.",
)
@click.option(
    "--seed",
    metavar="NUMBER",
    callback=read_seed,
    help="Repeat an earlier grading exactly: use the seed that it printed.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
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
    "--not-mine",
    is_flag=True,
    help="FILE is other people's code: do not run it (exit code 3) without the sandbox layers "
    "that separate it from files and processes.",
)
@settings_options(learner_option, device_option("all"), isolation_option, course_option)
@allow_option
@no_resident_option
def exercise_command(
    ctx: click.Context,
    file: Path | None,
    form: str,
    output: Path | None,
    seed: int | None,
    settings: Settings,
    *,
    ask: bool,
    whole: bool,
    not_mine: bool,
) -> None:
    """Grade FILE for this exercise.

    Without FILE, grade EXERCISE.py, .yaml or .ipynb in this folder. If there is none, create
    the starter and grade it. If FILE is a folder or an archive, grade the file in it that is
    named after the exercise or defines what it asks for, or the only file of a suitable type.

    At a terminal, the page fits the screen and shows one thing to fix; --all shows everything.
    A quiz first asks the questions that have no answer yet, one by one.
    """
    # Click's name of the command is the word after `grade`.
    assert ctx.info_name is not None
    output_format = FORMATS[form]
    # Checked first: grading on every device takes time.
    _require_single(form, settings.device)
    exercise = exercise_of(root_here(settings), ctx.info_name, or_command=True)
    named = settings.learner
    folder = here()
    learner = learner_here(folder, named)
    at_prompt = form == "terminal" and output is None
    # A file that is named is graded as it is.
    is_named = file is not None
    may_ask = at_prompt and not is_named
    if file is None:
        file = _find_or_start(exercise, folder, learner, settings)

    about = About(exercise, file, os.environ)
    command = _again(exercise, file, is_named=is_named)
    try:
        path, submission = _read(ctx, exercise, file, is_named=is_named, is_own=not not_mine)
        # The page prints the seed, so that this grading can be repeated.
        chosen = new_seed() if seed is None else seed
        to_show = True
        if ask or (may_ask and not whole and _can_ask(exercise, path)):
            asked = msgspec.structs.replace(settings, learner=learner)
            submission, grade, to_show = _ask(exercise, path, asked, named, only_open=not ask)
            grades = [grade]
        else:
            attempts = _attempts(exercise, path, submission, named)
            request = Examine(
                exercise,
                submission,
                learner,
                chosen,
                attempts=attempts,
                small_example=True,
                own=not not_mine,
            )
            grades = _grades(request, settings, form)
    except SubmissionError as error:
        _write_refusal(error, output_format, about, output, learner, command)
        sys.exit(1)

    # With several devices, progress and advice are about the first.
    first = grades[0]
    _stop_without_grade(first, settings, output_format, about, output, is_own=not not_mine)
    is_starter = first.exit_code == 1 and progress.is_starter(exercise, submission)
    is_short = to_show and at_prompt and not (whole or is_starter) and _fits_screen(grades)
    if form == "terminal" and is_starter:
        _write_starter(exercise, first, output)
    elif to_show and not is_short:
        _write_grades(grades, output_format, about, output, all_devices=settings.device == "all")

    if at_prompt and not first.points:
        _suggest_other_exercise(exercise, submission, settings)

    is_kept = keep(exercise, path, submission, first, named)
    if is_kept and may_ask:
        _ask_again(exercise, path, learner, first)
    if is_short:
        steps = next_steps(exercise, first, path, settings, command)
        _write_screen(exercise, first, submission, steps)
    elif to_show and at_prompt:
        after_grade(exercise, first, path, settings, is_named=is_named)

    # The worst result counts.
    sys.exit(max(grade.exit_code for grade in grades))


def _again(exercise: Exercise, file: Path, *, is_named: bool) -> str:
    """What to type after `grade` for the same again."""
    if is_named:
        return f"{exercise.id} {shlex.quote(str(file))}"

    return exercise.id


def _require_single(form: str, device: str) -> None:
    """Raise ``UsageError`` if a format cannot contain the grades of several devices."""
    if device == "all" and not FORMATS[form].has_several:
        able = [name for name, each in FORMATS.items() if each.has_several]
        raise UsageError(
            f"--format {form} can contain only one grade; name one --device, or use one of the "
            f"formats {', '.join(able)}"
        )


def _stop_if_refused(
    grade: Grade, settings: Settings, form: OutputFormat, about: About, output: Path | None
) -> None:
    """Raise ``ExaminerError`` if other people's code did not run because layers are missing."""
    layers = isolation.required(settings.isolation, own=False)
    lacking = isolation.missing(grade.isolation, layers)
    # A quiz runs no code, so its grade has no layers.
    if not grade.isolation or not lacking:
        return
    # A program gets the record of the refusal, too.
    if form.records_refusals:
        _write_grades([grade], form, about, output, all_devices=False)

    raise isolation.refused(lacking, layers)


def _stop_without_grade(
    grade: Grade,
    settings: Settings,
    form: OutputFormat,
    about: About,
    output: Path | None,
    *,
    is_own: bool,
) -> None:
    """Say which layers were missing; raise ``ExaminerError`` if there is no grade to write."""
    if not is_own:
        _stop_if_refused(grade, settings, form, about, output)
    if grade.status == "ungraded" and not form.has_ungraded:
        raise ExaminerError(
            f"{_why_ungraded(grade)}; this is not the learner's fault, and nothing was written"
        )

    if is_own:
        say_weak_sandbox(grade.isolation, settings)


def _suggest_other_exercise(exercise: Exercise, submission: Submission, settings: Settings) -> None:
    # If another exercise cannot be read, do not fail: the learner did not ask for it.
    with contextlib.suppress(GraderError):
        others = functools.partial(loading.listed, root_here(settings))
        question = advice.other_exercise(exercise, submission, others)
        say(advice.wrapped(question))


def _find_or_start(exercise: Exercise, folder: Path, learner: str, settings: Settings) -> Path:
    """The submission in ``folder``; if there is none, the starter, which makes a workspace too."""
    file = find_submission(exercise, folder)
    if file is not None:
        return file

    several = other_spellings(exercise, folder)
    if several:
        names = ", ".join(printable(path.name) for path in several[:6])
        raise UsageError(
            f"several files could be your {exercise.id}: {names}",
            advice=f"name one, as in `grade {exercise.id} FILE`",
        )

    misnamed = misnamed_submission(exercise, folder)
    if misnamed is not None:
        # It says how to rename the file.
        read_submission(exercise, misnamed)

    file = workspace.start(exercise, folder, learner)
    created = f"Created {file.name}. `grade show {exercise.id}` shows the statement."
    # Not on standard output, which has the grade.
    say(advice.wrapped(created), err=True)
    begin_quietly(folder, settings, file)
    return file


def _read(
    ctx: click.Context, exercise: Exercise, file: Path, *, is_named: bool, is_own: bool
) -> tuple[Path, Submission]:
    """The path and content of the submission; ``file`` can be a folder or an archive with it.

    If it is somebody else's, it can be no link: that would show files of the user.
    """
    if not is_own:
        refuse_link(file)

    path = file
    note = ""
    if file.is_dir() or _is_archive(exercise, file):
        # It imports what unpacks archives and searches folders, which a file does not need.
        from grader.submission.finder import chosen_file

        others = location.exercise_ids(Path(exercise.root))
        # The command ends before the context does, which removes an unpacked archive.
        choice = ctx.with_resource(chosen_file(exercise, file, others))
        path = choice.file.path
        note = choice.note()
    elif not is_named:
        note = spelling_note(exercise, path)

    submission = read_submission(exercise, path, follow=is_own)
    return path, submission.with_note(note)


def _is_archive(exercise: Exercise, file: Path) -> bool:
    if file.suffix.lower() in exercise.spec.suffixes:
        return False

    from grader.submission import archives

    return archives.is_archive(file.name)


def _write_refusal(
    error: SubmissionError,
    output_format: OutputFormat,
    about: About,
    output: Path | None,
    learner: str,
    command: str,
) -> None:
    """Write the zero of a submission that cannot be read, or raise ``error`` again.

    It is an error if there is no file, or if this machine failed to read it. At a terminal, so is
    a file with another ending, which may be the right file with a wrong name.
    """
    folder = about.file if about.file.is_dir() else about.file.parent
    # The folder on the grading machine means nothing to the learner.
    message = str(error).replace(f"{folder}{os.sep}", "")
    refusal = output_format.refusal(message, about)
    if refusal is None and (isinstance(error, UnreadableError) or not about.file.is_file()):
        raise error
    if output_format is FORMATS["terminal"] and _has_other_ending(about.exercise, about.file):
        raise error
    if refusal is None:
        empty = Submission(about.file.name, b"")
        zero = Examine(about.exercise, empty, learner, 0).zero_grade(Outcome.RAISED, message)
        zero = for_learner(zero)
        if output is None and _fits_screen([zero]) and output_format is FORMATS["terminal"]:
            steps = [("Next", f"change {{line}}, then `grade {command}`")]
            _write_screen(about.exercise, zero, empty, steps)
            return

        refusal = output_format.grade(zero, about)

    _write_step_summary(output_format.refusal_summary(message, about))
    write(refusal, output)


def _has_other_ending(exercise: Exercise, file: Path) -> bool:
    return suffix_of(file.name) not in exercise.spec.suffixes and not _is_archive(exercise, file)


def _fits_screen(grades: list[Grade]) -> bool:
    """Whether the grade is shown on one screen: a terminal, and one thing to fix."""
    # A file or a pipe gets the whole page, which people read later.
    if not sys.stdout.isatty() or len(grades) > 1:
        return False

    from grader.report.terminal import one_screen

    return one_screen.fits(grades[0])


def _write_starter(exercise: Exercise, grade: Grade, output: Path | None) -> None:
    """Say that nothing is written yet: the failures of a starter are not worth showing."""
    lines = advice.wrapped(advice.still_starter(exercise.code, grade))
    write("".join(f"{line}\n" for line in lines), output)


def _write_screen(
    exercise: Exercise, grade: Grade, submission: Submission, steps: list[tuple[str, str]]
) -> None:
    """Write the page that fits the terminal."""
    from grader.report.terminal import grade_page, one_screen

    terminal = os.get_terminal_size(sys.stdout.fileno())
    # A terminal that a program opened may not know its size. The command that was typed stays
    # on the screen, and the prompt comes below the page.
    lines = (terminal.lines or 24) - 2
    # The notice about the sandbox is above the page.
    if grade.weak_isolation:
        lines -= len(advice.wrapped(isolation.own_code_line(grade.weak_isolation)))

    size = one_screen.Size(terminal.columns or 80, lines)
    spec = exercise.spec
    page = one_screen.page(grade, spec.title, submission, spec.entries, size, steps)
    grade_page.show(page, sys.stdout)


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


def _grades(examine: Examine, settings: Settings, form: str) -> list[Grade]:
    """The grade on the device of ``settings``, or one grade for each device of this machine."""
    # A terminal only says that this is the starter, so nothing has to run.
    if form == "terminal" and progress.is_starter(examine.exercise, examine.submission):
        return [for_learner(starter_grade(examine))]

    from grader.examiner.client import best_of

    asked = settings.device
    on_cpu = msgspec.structs.replace(settings, device="cpu")
    if settings.isolation != "strict" and asked == "cpu" and examine.own:
        # A file that cannot run gets its zero before torch is loaded.
        with borrow_examiner(settings) as examiner, early_check(examine) as early:
            return [early() or _grade(examiner, examine)]

    if not examine.exercise.spec.runs_code:
        # A quiz asks about PyTorch, which gives the same answers on every device.
        with borrow_examiner(on_cpu) as examiner:
            return [_grade(examiner, examine)]

    devices = [asked]
    grades = []
    if asked in ("auto", "all"):
        with borrow_examiner(on_cpu) as examiner:
            with waiting("Loading PyTorch"):
                devices = examiner.devices()

            # The examiner is warm now, so the CPU's grade comes from it too.
            if asked == "auto":
                devices = [best_of(devices)]

            say_device(asked, devices[0])
            if "cpu" in devices:
                grades.append(_grade(examiner, examine))

    # Each device needs its own examiner: the sandbox opens for that device and no other.
    for device in devices[len(grades) :]:
        there = msgspec.structs.replace(settings, device=device)
        with borrow_examiner(there) as examiner:
            on_device = msgspec.structs.replace(examine, device=device)
            grades.append(_grade(examiner, on_device))

    return grades


def _grade(examiner: "Examiner", examine: Examine) -> Grade:
    """Grade with ``examiner``, and say at a terminal what takes so long."""
    what = "Loading PyTorch and grading"
    patience = _LOADING_SECONDS
    if examiner.is_resident:
        # PyTorch is loaded, so only the submission can be slow.
        what = "Grading"
        patience = _GRADING_SECONDS

    with waiting(what, f"Grading. {_SLOW}", patience):
        return for_learner(examiner.grade(examine, _import_pages))


def _why_ungraded(grade: Grade) -> str:
    skipped = [check for check in grade.checks if check.outcome is Outcome.SKIPPED]
    if len(skipped) < len(grade.checks):
        return "the grader could not grade this"

    # All checks were skipped for the same reason, such as an absent device.
    return skipped[0].message.rstrip(".")


def _can_ask(exercise: Exercise, path: Path) -> bool:
    """Whether ``path`` is an answer sheet with questions that can be asked at a terminal."""
    if exercise.spec.runs_code:
        return False

    from grader.cli import quiz_prompt

    return quiz_prompt.is_possible(exercise, path)


def _ask(
    exercise: Exercise, path: Path, settings: Settings, named: str, *, only_open: bool
) -> tuple[Submission, Grade, bool]:
    """Ask the questions of a quiz, then grade the sheet; also whether every question was asked."""
    from grader.cli import quiz_prompt

    if not quiz_prompt.is_possible(exercise, path):
        raise UsageError(
            f"{path.name}: --ask asks the questions of a quiz at a terminal; edit the file instead"
        )

    on_cpu = msgspec.structs.replace(settings, device="cpu")
    with borrow_examiner(on_cpu) as examiner:
        prompt = quiz_prompt.QuizPrompt(examiner, exercise, path, settings.learner)
        names = prompt.unanswered() if only_open else prompt.missed()
        is_complete = not names or prompt.ask(names)
        # The sheet has the new answers now.
        submission = read_submission(exercise, path)
        attempts = _attempts(exercise, path, submission, named)
        examine = Examine(exercise, submission, settings.learner, new_seed(), attempts=attempts)
        grade = examiner.grade(examine)

    return submission, for_learner(grade), is_complete


def _attempts(
    exercise: Exercise, path: Path, submission: Submission, named: str = ""
) -> dict[str, int]:
    """The first attempt that still counts for each question of a quiz in a workspace."""
    found = progress.around(path.absolute().parent)
    # Another learner's sheet has nothing to do with the progress in this workspace.
    if found is None or (named and named != progress.learner_of(found)):
        return {}

    return progress.attempts_after(found, exercise, submission)


def _ask_again(exercise: Exercise, path: Path, learner: str, grade: Grade) -> None:
    """Add the questions that were answered wrong to the sheet, with new numbers."""
    attempts = next_attempts([grade])
    drawn = {question.name for question in exercise.spec.questions if question.draw}
    attempts = {name: attempt for name, attempt in attempts.items() if name in drawn}
    # The questions of a notebook are in a cell, which nothing here may change.
    if not attempts or path.suffix.lower() == notebook.SUFFIX:
        return

    answer_sheet.ask_again(exercise, path, learner, attempts)
    questions = count(len(attempts), "question")
    sentence = f"{path.name} asks {questions} again at its end, with new numbers."
    say(advice.wrapped(sentence))


def _import_pages() -> None:
    """Import what shows and keeps a grade, while the examiner is at work."""
    from grader.grades import gradebook  # noqa: F401
    from grader.grades.grader_version import grader_version
    from grader.report.terminal import grade_page  # noqa: F401

    if sys.stdout.isatty():
        from grader.report.terminal import one_screen  # noqa: F401

    # The version of torch is kept with a grade, and Python searches long for it.
    grader_version()


def _write_step_summary(page: str) -> None:
    """Add ``page`` to the summary of the current step of GitHub Actions, if there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not page or not path:
        return

    advice = "fix this or unset GITHUB_STEP_SUMMARY"
    with (
        os_errors_as(ExaminerError, "cannot be written", path, advice),
        open(path, "a", encoding="utf-8") as file,
    ):
        file.write(page + "\n")
