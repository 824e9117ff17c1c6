"""A quiz at the terminal: one question at a time, each answer saved and judged at once."""

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
from grader.text import count, printable

MAX_ANSWER: Final = 200
_LEAVE: Final = ("q", "quit", "exit")
_HINT: Final = ("h", "hint")
_SKIP: Final = ("", "s", "skip")


def is_possible(exercise: Exercise, path: Path) -> bool:
    """Whether questions can be asked: a quiz with its own answer sheet, and a terminal."""
    if exercise.spec.runs_code:
        return False
    # Answers are written into YAML text, and never into a notebook.
    if path.suffix.lower() == notebook.SUFFIX:
        return False
    return sys.stdin.isatty() and sys.stdout.isatty()


def open_questions(exercise: Exercise, path: Path) -> list[str]:
    """Names of the questions that have no answer on the sheet yet."""
    # An empty answer on the sheet is none.
    answered = answer_sheet.answers(exercise, path)
    names = [question.name for question in exercise.spec.questions]
    return [name for name in names if name not in answered]


class QuizPrompt:
    """Asks the questions of a quiz; every answer is on the sheet at ``path`` before it is judged.

    Asks the learner that the sheet names, or else ``learner``.
    """

    def __init__(self, examiner: Examiner, exercise: Exercise, path: Path, learner: str) -> None:
        self._examiner = examiner
        self._exercise = exercise
        self._path = path
        # The numbers of the questions were drawn for this name.
        self._learner = answer_sheet.sheet_learner(exercise, path, learner)

    def missed(self) -> list[str]:
        """Names of the questions that are not answered correctly on the sheet."""
        submission = read_submission(self._exercise, self._path)
        checks = self._judge(submission)
        # A question without an answer is missed too.
        return [check.name for check in checks if check.outcome.missed]

    def ask(self, names: Sequence[str], how_to_continue: str = "") -> bool:
        """Ask the questions of these names; return False if the learner leaves before the end.

        ``how_to_continue`` tells a learner who left how to answer the rest; by default, with
        the command that grades the exercise.
        """
        # Importing it lets the learner edit the line with the arrow keys; some systems lack it.
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401
        exercise = self._exercise
        questions = answer_sheet.questions(exercise, self._learner)
        asked = [(name, text) for name, text in questions if name in names]
        total = len(asked)
        self._welcome(total)
        try:
            for number, (name, text) in enumerate(asked, 1):
                click.echo()
                click.secho(f"Question {number} of {total}", bold=True)
                say(advice.wrapped(text, "  "))
                self._ask_one(name)
        except _LeftError:
            # The sheet counts, not this session: it may have had answers before.
            left = len(open_questions(exercise, self._path))
            answered = len(questions) - left
            way = how_to_continue or f"Type `grade {exercise.id}`"
            sentences = (
                f"{answered} answered, {left} left. Your answers are saved in {self._path.name}. "
                f"{way} to continue."
            )
            click.echo()
            say(advice.wrapped(sentences))
            return False
        click.echo()
        return True

    def _welcome(self, number: int) -> None:
        exercise = self._exercise
        # A title in YAML may contain line breaks.
        title = " ".join(exercise.spec.title.split())
        sentences = (
            f"{count(number, 'question')}. `grade show {exercise.id}` shows the statement. Type an "
            "answer, then press Enter. Enter alone skips a question, h gives a hint, q quits. "
            f"Your answers are saved in {self._path.name}."
        )
        click.echo(advice.shortened(f"{exercise.id}  {title}"))
        click.echo()
        say(advice.wrapped(sentences))

    def _ask_one(self, name: str) -> None:
        """Ask one question until the answer is correct or the learner skips it."""
        prompt = "Your answer: "
        while True:
            typed = _read_line(prompt)
            word = typed.lower()
            if word in _SKIP:
                return
            if word in _LEAVE:
                raise _LeftError
            if word in _HINT:
                self._hint()
                continue
            # Saved first: the answer survives if judging it fails.
            answer_sheet.answer(self._exercise, self._path, name, typed)
            sheet = answer_sheet.answered_sheet(self._learner, name, typed)
            checks = self._judge(Submission("answer.yaml", sheet.encode()))
            check = next(check for check in checks if check.name == name)
            if not check.outcome.missed:
                click.secho("  Correct.", fg="green")
                return
            # The message explains the mistake, but does not contain the key.
            for line in check.message.splitlines():
                say(advice.wrapped(line, "  "))
            prompt = "Another answer, or Enter to continue: "

    def _judge(self, submission: Submission) -> Sequence[CheckResult]:
        # The numbers of a quiz depend on the learner, so any seed will do.
        examine = Examine(self._exercise, submission, self._learner, seed=0)
        grade = self._examiner.grade(examine)
        return grade.checks

    def _hint(self) -> None:
        exercise = self._exercise
        try:
            found = progress.find(self._path.parent)
            given = progress.hint(found, exercise)
        except GraderError as error:
            # Without a hint the question can still be answered.
            say(advice.wrapped(str(error), "  "))
            return
        total = len(exercise.spec.hints)
        click.echo(f"  Hint {given.number} of {total}")
        say(advice.wrapped(given.text, "  "))


class _LeftError(Exception):
    """The learner wants to leave."""


def _read_line(prompt: str) -> str:
    """A line of input; Ctrl-C and Ctrl-D leave the quiz, as q does."""
    try:
        # With readline, input also edits the line.
        typed = input(prompt)
    except (EOFError, KeyboardInterrupt):
        raise _LeftError from None
    return printable(typed).strip()[:MAX_ANSWER]
