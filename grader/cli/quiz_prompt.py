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
from grader.grades.grade import CheckResult, Grade, next_attempts
from grader.study import advice, progress
from grader.submission import answer_sheet, notebook
from grader.submission.files import Submission, read_submission
from grader.text import count, printable

MAX_ANSWER: Final = 200
_ONE_ANSWER: Final = "answer.yaml"
"""The name of a sheet with the answer that was just typed."""
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

    Asks with the numbers of ``learner``. After a wrong answer it asks the same question with
    other numbers, the next attempt at it.
    """

    def __init__(self, examiner: Examiner, exercise: Exercise, path: Path, learner: str) -> None:
        self._examiner = examiner
        self._exercise = exercise
        self._path = path
        # A sheet says the name in this form, too.
        self._learner = printable(learner)
        found = progress.find(path.absolute().parent)
        self._attempts = progress.current_attempts(found, exercise, path)

    def missed(self) -> list[str]:
        """Names of the questions that are not answered correctly on the sheet."""
        submission = read_submission(self._exercise, self._path)
        grade = self._judge(submission)
        self._attempts |= next_attempts([grade])
        # A question without an answer is missed too.
        return [check.name for check in grade.checks if check.outcome.missed]

    def ask(self, names: Sequence[str], how_to_continue: str = "") -> bool:
        """Ask the questions of these names; return False if the learner leaves before the end.

        ``how_to_continue`` tells a learner who left how to answer the rest; by default, with
        the command that grades the exercise.
        """
        # Importing it lets the learner edit the line with the arrow keys; some systems lack it.
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401
        exercise = self._exercise
        questions = self._questions()
        asked = [(name, text) for name, text in questions.items() if name in names]
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
            attempt = self._attempts.get(name, 1)
            answer_sheet.answer(self._exercise, self._path, name, typed, attempt)
            check = self._judge_one(name, typed, attempt)
            if not check.outcome.missed:
                click.secho("  Correct.", fg="green")
                return
            # The message explains the mistake, but does not contain the key.
            explanation = check.message.partition(f"\n{answer_sheet.NEXT_ATTEMPT}")[0]
            # A message about a sheet begins with the place, which has no meaning here.
            explanation = explanation.removeprefix(f"{_ONE_ANSWER} line 1: ")
            for line in explanation.splitlines():
                say(advice.wrapped(line, "  "))
            prompt = "Another answer, or Enter to continue: "
            if check.is_wrong_answer:
                self._ask_again(name)

    def _ask_again(self, name: str) -> None:
        """Draw new numbers for a question, and show it with them."""
        before = self._questions()[name]
        attempt = self._attempts.get(name, 1) + 1
        after = dict(answer_sheet.questions(self._exercise, self._learner, {name: attempt}))[name]
        # A question without numbers stays as it is.
        if after == before:
            return
        self._attempts[name] = attempt
        answer_sheet.ask_again(self._exercise, self._path, self._learner, {name: attempt})
        click.echo("  Now with other numbers:")
        say(advice.wrapped(after, "  "))

    def _questions(self) -> dict[str, str]:
        return dict(answer_sheet.questions(self._exercise, self._learner, self._attempts))

    def _judge_one(self, name: str, typed: str, attempt: int) -> CheckResult:
        sheet = answer_sheet.answered_sheet(name, typed, attempt)
        grade = self._judge(Submission(_ONE_ANSWER, sheet.encode()))
        return next(check for check in grade.checks if check.name == name)

    def _judge(self, submission: Submission) -> Grade:
        # The numbers of a quiz depend on the learner, so any seed will do.
        examine = Examine(self._exercise, submission, self._learner, seed=0)
        return self._examiner.grade(examine)

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
