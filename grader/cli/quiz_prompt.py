"""A quiz at the terminal: one question at a time, each answer saved and judged at once."""

import ast
import contextlib
import sys
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Final

import click
import msgspec

from grader.cli.common import say, say_in_pages, waiting
from grader.course.records import Exercise
from grader.errors import GraderError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.grades.grade import CheckResult, Grade, next_attempts
from grader.study import advice, progress
from grader.submission import answer_sheet, notebook
from grader.submission.files import Submission, read_submission
from grader.text import count, printable, single_spaced

MAX_ANSWER: Final = 200
_ONE_ANSWER: Final = "answer.yaml"
"""The name of a sheet with the answer that was just typed."""
_LEAVE: Final = ("q", "quit", "exit")
_HINT: Final = ("h", "hint")
_SKIP: Final = ("", "skip")
_STATEMENT: Final = ("s", "show", "statement")
_HELP: Final = ("?", "help", "keys")
_BACK: Final = ("b", "back")
_REVIEW: Final = ("r", "review")
_KEYS: Final = (
    "Enter alone skips a question, s shows the statement, b goes back, r lists your answers, h "
    "gives a hint, ? shows these keys, q quits."
)
_SHAPE: Final = "a shape, like 5, 4"
_NUMBER: Final = "a number, like 12"
_EXCEPTION: Final = "an exception, like KeyError"
_YES_OR_NO: Final = "yes or no"
_FUNCTIONS: Final = {
    "raised": _EXCEPTION,
    "shape": _SHAPE,
    **dict.fromkeys(("sum", "int", "len", "float", "numel", "dim", "ndim", "nbytes"), _NUMBER),
    **dict.fromkeys(("bool", "hasattr", "isinstance"), _YES_OR_NO),
}
"""What the expression of a question ends with, to the form of the answer."""
_MOST_SHOWN: Final = 24
"""Characters of an answer in the list of all answers."""


class Move(Enum):
    """Where the learner goes after a question."""

    NEXT = 1
    BACK = -1
    REVIEW = 0


class Answered(msgspec.Struct, frozen=True):
    """What became of a question."""

    state: str
    typed: str
    question: str = ""
    """The question with the numbers for which it was typed."""


def is_possible(exercise: Exercise, path: Path) -> bool:
    """Whether questions can be asked: a quiz with its own answer sheet, and a terminal."""
    if exercise.spec.runs_code:
        return False
    # Answers are written into YAML text, and never into a notebook.
    if path.suffix.lower() == notebook.SUFFIX:
        return False

    return sys.stdin.isatty() and sys.stdout.isatty()


class QuizPrompt:
    """Asks the questions of a quiz; the sheet at ``path`` has every answer that it understood.

    Asks with the numbers of ``learner``. After a wrong answer it asks the same question with
    other numbers, the next attempt at it.
    """

    def __init__(self, examiner: Examiner, exercise: Exercise, path: Path, learner: str) -> None:
        self._examiner = examiner
        self._exercise = exercise
        self._path = path
        # A sheet says the name in this form, too.
        self._learner = printable(learner)
        found = progress.around(path.absolute().parent)
        self._attempts = progress.current_attempts(found, exercise, path)
        self._forms = {each.name: _form(each.expression) for each in exercise.spec.questions}
        self._answered: dict[str, Answered] = {}

    def missed(self) -> list[str]:
        """Names of the questions that are not answered correctly on the sheet."""
        grade = self._judge_sheet()
        self._attempts |= next_attempts([grade])
        # A question without an answer is missed too.
        return [check.name for check in grade.checks if check.outcome.missed]

    def unanswered(self) -> list[str]:
        """Names of the questions without an answer on the sheet, or with one that is unclear."""
        names = [check.name for check in self._judge_sheet().checks if check.answer]
        written = answer_sheet.answers(self._exercise, self._path)
        for name in names:
            if name in written:
                self._answered[name] = Answered("unclear", written[name], self._questions()[name])

        return names

    def ask(self, names: Sequence[str], how_to_continue: str = "") -> bool:
        """Ask the questions of these names; return False if the learner leaves before the end.

        ``how_to_continue`` tells a learner who left how to answer the rest; by default, with
        the command that grades the exercise.
        """
        # Importing it lets the learner edit the line with the arrow keys; some systems lack it.
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401

        exercise = self._exercise
        asked = [name for name in self._questions() if name in names]
        self._welcome(len(asked))
        try:
            self._ask_all(asked)
        except _LeftError:
            way = how_to_continue or f"Type `grade {exercise.id}`"
            sentences = (
                f"{self._tally()}. Your answers are saved in {self._path.name}. {way} to continue."
            )
            click.echo()
            say(advice.wrapped(sentences))
            return False

        click.echo()
        return True

    def _ask_all(self, names: Sequence[str]) -> None:
        """Ask these questions in order; the learner can go back, and to any of them."""
        place = 0
        while True:
            # After the last question, those that are not answered correctly come again.
            if place == len(names):
                if all(self._state(name) == _CORRECT for name in names):
                    return

                chosen = self._review(names, "Enter to finish")
                if chosen is None:
                    return

                place = chosen

            name = names[place]
            click.echo()
            click.secho(f"Question {place + 1} of {len(names)}", bold=True)
            say(advice.wrapped(self._questions()[name], "  "))
            move = self._ask_one(name)
            if move is Move.REVIEW:
                chosen = self._review(names, "Enter to go on")
                place = place if chosen is None else chosen
            else:
                place = max(0, place + move.value)

    def _state(self, name: str) -> str:
        return self._answered.get(name, _OPEN).state

    def _tally(self) -> str:
        """How many answers are correct, wrong and unclear, and how many questions are open."""
        counted = Counter({_CORRECT: 0})
        # The sheet counts, not this session: it may have had answers before.
        for check in self._judge_sheet().checks:
            state = _state_of(check)
            if state == _OPEN.state:
                # An answer that nobody understands is not on the sheet. After a wrong one, the
                # question is there again with other numbers.
                state = self._state(check.name)
                if check.attempt > 1:
                    state = "wrong"

            counted[state] += 1

        states = (_CORRECT, "wrong", "unclear", _OPEN.state)
        return ", ".join(f"{counted[state]} {state}" for state in states if state in counted)

    def _review(self, names: Sequence[str], otherwise: str) -> int | None:
        """List the questions and what became of them; return the one to go to, if any."""
        click.echo()
        width = max(map(len, names))
        for number, name in enumerate(names, 1):
            answered = self._answered.get(name, _OPEN)
            typed = answered.typed[:_MOST_SHOWN]
            line = f"  {number:>2}  {answered.state:<9}  {name:<{width}}  {typed}"
            click.echo(advice.shortened(line))

        while True:
            typed = _read_line(f"Number of a question, or {otherwise}: ")
            if typed.lower() in _SKIP:
                return None
            if typed.lower() in _LEAVE:
                raise _LeftError
            if typed.isdecimal() and 0 < int(typed) <= len(names):
                return int(typed) - 1

            click.echo(f"  There are questions 1 to {len(names)}.")

    def _welcome(self, number: int) -> None:
        exercise = self._exercise
        # A title in YAML may contain line breaks.
        title = single_spaced(exercise.spec.title)
        sentences = (
            f"{count(number, 'question')}. Type an answer, then press Enter. {_KEYS} Your answers "
            f"are saved in {self._path.name}."
        )
        click.echo(advice.shortened(f"{exercise.id}  {title}"))
        click.echo()
        say(advice.wrapped(sentences))

    def _ask_one(self, name: str) -> Move:
        """Ask one question until the answer is correct or the learner goes elsewhere."""
        form = self._forms.get(name)
        prompt = f"Your answer ({form}): " if form else "Your answer: "
        if before := self._answered.get(name):
            said = f"Your last answer, {before.typed}, is {before.state}."
            if before.question != self._questions()[name]:
                said = f"{said} It was for other numbers: {before.question}"

            say(advice.wrapped(said, "  "))

        while True:
            typed = _read_line(prompt)
            word = typed.lower()
            if word in _SKIP:
                return Move.NEXT
            if word in _BACK:
                return Move.BACK
            if word in _REVIEW:
                return Move.REVIEW
            if word in _LEAVE:
                raise _LeftError
            if word in _HINT:
                self._hint()
                continue
            if word in _STATEMENT:
                self._show_statement()
                continue
            if word in _HELP:
                say(advice.wrapped(f"Type an answer, then press Enter. {_KEYS}", "  "))
                continue

            attempt = self._attempts.get(name, 1)
            try:
                check = self._judge_one(name, typed, attempt)
            except BaseException:
                # The answer survives if judging it fails.
                answer_sheet.answer(self._exercise, self._path, name, typed, attempt)
                raise

            # Without an answer that can be understood, the question stays open.
            if check.answer != "unclear":
                answer_sheet.answer(self._exercise, self._path, name, typed, attempt)

            self._answered[name] = Answered(_state_of(check), typed, self._questions()[name])
            if not check.outcome.missed:
                click.secho("  Correct.", fg="green")
                return Move.NEXT

            # The message explains the mistake, but does not contain the key. Its place, on a
            # sheet with one answer, has no meaning here.
            explanation = check.message
            if check.parts is not None:
                explanation = check.parts.reason

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
        grade = self._judge(Submission(_ONE_ANSWER, sheet.encode()), {})
        return next(check for check in grade.checks if check.name == name)

    def _judge_sheet(self) -> Grade:
        """The grade of the sheet as it is now."""
        submission = read_submission(self._exercise, self._path)
        found = progress.around(self._path.absolute().parent)
        attempts = progress.attempts_after(found, self._exercise, submission)
        return self._judge(submission, attempts)

    def _judge(self, submission: Submission, attempts: dict[str, int]) -> Grade:
        # The numbers of a quiz depend on the learner, so any seed will do.
        examine = Examine(self._exercise, submission, self._learner, seed=0, attempts=attempts)
        with waiting("Loading PyTorch"):
            return self._examiner.grade(examine)

    def _show_statement(self) -> None:
        # Most learners read it before.
        from grader.report.terminal import grade_page, statement

        rendered = statement.rendered(self._exercise.spec.statement)
        say_in_pages(grade_page.as_text(rendered, sys.stdout))

    def _hint(self) -> None:
        exercise = self._exercise
        try:
            found = progress.around(self._path.absolute().parent)
            given = progress.hint(found, exercise)
        except GraderError as error:
            # Without a hint the question can still be answered.
            say(advice.wrapped(str(error), "  "))
            return

        total = len(exercise.spec.hints)
        click.echo(f"  Hint {given.number} of {total}")
        say(advice.wrapped(given.text, "  "))


_CORRECT: Final = "correct"
_OPEN: Final = Answered("open", "")


def _state_of(check: CheckResult) -> str:
    if not check.outcome.missed:
        return _CORRECT
    return check.answer or "wrong"


def _form(expression: str) -> str:
    """The form of the answer, if the expression shows it; else empty."""
    try:
        # The places of drawn numbers are sets for Python.
        body = ast.parse(expression, mode="eval").body
    except SyntaxError:
        return ""

    match body:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return _YES_OR_NO
        case ast.Call(func=ast.Attribute(attr=name)) if name.startswith("is_"):
            return _YES_OR_NO
        case ast.Attribute(attr=name) | ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return _FUNCTIONS.get(name, "")

    return ""


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
