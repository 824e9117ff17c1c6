"""A quiz at the terminal: one question at a time, judged and explained at once, every answer kept in the sheet."""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from grader.cli.common import say
from grader.course.records import Exercise
from grader.errors import GraderError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.grades.grade import CheckResult
from grader.study import advice, progress
from grader.submission import answer_sheet, notebook
from grader.submission.files import Submission, read_submission
from grader.text import printable

MAX_ANSWER: Final = 200
_LEAVE: Final = ("q", "quit", "exit")
_HINT: Final = ("h", "hint")
_SKIP: Final = ("", "s", "skip")


def is_possible(exercise: Exercise, path: Path) -> bool:
    """Whether questions can be asked here: a quiz with a sheet of its own, and someone at a terminal."""
    spec, suffix = exercise.spec, path.suffix.lower()
    # An answer is written into YAML text, never into a notebook.
    is_sheet = not spec.runs_code and suffix in spec.suffixes and suffix != notebook.SUFFIX
    return is_sheet and sys.stdin.isatty() and sys.stdout.isatty()


def open_questions(exercise: Exercise, path: Path) -> list[str]:
    """Names of the questions that have no answer on the sheet yet."""
    answered = answer_sheet.answers(exercise, path)
    return [question.name for question in exercise.spec.questions if question.name not in answered]


def missed_questions(examiner: Examiner, exercise: Exercise, path: Path) -> list[str]:
    """Names of the questions that are not answered rightly on the sheet."""
    submission = read_submission(exercise, path)
    grade = examiner.grade(Examine(exercise, submission, examiner.settings.learner, 0))
    return [check.name for check in grade.checks if check.outcome.missed]


def sit(
    examiner: Examiner,
    exercise: Exercise,
    path: Path,
    names: Sequence[str],
    goes_on: str = "",
) -> bool:
    """Ask the questions of these names; whether all had their turn. Each answer is in the sheet before it is judged.

    The learner of the examiner's settings is asked, unless the sheet names another.
    ``goes_on`` is what goes on with it for who has left; by default the command that grades the exercise.
    """
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - the arrow keys and corrections of whoever types
    asked = answer_sheet.sheet_learner(exercise, path, examiner.settings.learner)
    questions = [
        (name, text) for name, text in answer_sheet.questions(exercise, asked) if name in names
    ]
    say(_welcome(exercise, path, len(questions)))
    try:
        for number, (name, text) in enumerate(questions, 1):
            click.echo()
            click.secho(f"Question {number} of {len(questions)}", bold=True)
            say(advice.wrapped(text, "  "))
            _ask(examiner, exercise, path, asked, name)
    except _LeftError:
        left = len(open_questions(exercise, path))
        way = goes_on or f"`grade {exercise.id}`"
        answered = len(answer_sheet.questions(exercise, asked)) - left
        click.echo()
        say(
            advice.wrapped(
                f"{answered} answered, {left} to go; all is kept in {path.name}. {way} goes on."
            )
        )
        return False
    click.echo()
    return True


class _LeftError(Exception):
    """Whoever was asked wants to go."""


def _welcome(exercise: Exercise, path: Path, count: int) -> list[str]:
    return [
        advice.shortened(f"{exercise.id}  {' '.join(exercise.spec.title.split())}"),
        "",
        *advice.wrapped(
            f"{count} {'question' if count == 1 else 'questions'} to answer; `grade show {exercise.id}` says what "
            "there is to know. Type an answer, then Enter. Enter alone skips a question, h gives a hint, q leaves. "
            f"Answers are kept in {path.name}."
        ),
    ]


def _ask(examiner: Examiner, exercise: Exercise, path: Path, learner: str, name: str) -> None:
    """Ask one question until it is answered rightly or skipped."""
    prompt = "Your answer: "
    while (typed := _typed(prompt)).lower() not in _SKIP:
        if typed.lower() in _LEAVE:
            raise _LeftError
        if typed.lower() in _HINT:
            _hint(exercise, path.parent)
            continue
        answer_sheet.answer(exercise, path, name, typed)
        check = _judge(examiner, exercise, learner, name, typed)
        if not check.outcome.missed:
            click.secho("  Right.", fg="green")
            return
        for line in check.message.splitlines():
            say(advice.wrapped(line, "  "))
        prompt = "Another answer, or Enter to go on: "


def _typed(prompt: str) -> str:
    """A line; Ctrl-C and Ctrl-D want to go, as q does."""
    try:
        return printable(input(prompt)).strip()[:MAX_ANSWER]
    except (EOFError, KeyboardInterrupt):
        raise _LeftError from None


def _judge(
    examiner: Examiner, exercise: Exercise, learner: str, name: str, typed: str
) -> CheckResult:
    """The examiner's word on one answer."""
    sheet = answer_sheet.answered_sheet(learner, name, typed)
    grade = examiner.grade(Examine(exercise, Submission("answer.yaml", sheet.encode()), learner, 0))
    return next(check for check in grade.checks if check.name == name)


def _hint(exercise: Exercise, folder: Path) -> None:
    try:
        given = progress.hint(progress.find(folder), exercise)
    except GraderError as error:
        say(advice.wrapped(str(error), "  "))
        return
    click.echo(f"  Hint {given.number} of {len(exercise.spec.hints)}")
    say(advice.wrapped(given.text, "  "))
