"""Grades quizzes. Evaluating an expression with PyTorch gives the key of each question."""

import re
import textwrap
import time
from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple

import torch

from grader.course.draws import draw_numbers, fill
from grader.course.loading import read_definition, read_wrong_answers, wrong_answers
from grader.course.records import Check, Exercise, Question, WrongAnswer
from grader.errors import CourseError
from grader.examiner.feedback import clean
from grader.examiner.quiz_answers import (
    NOTHING,
    Key,
    Raised,
    how_to_write,
    is_same,
    parse_answer,
    show_answer,
)
from grader.grades.grade import AnswerMessage, CheckResult, Grade, Outcome, grade_from_checks
from grader.submission.files import Submission
from grader.submission.sheet_reader import Answer, key_of_attempt, line_of, read_sheet
from grader.text import printable

_FIRST: Final[Mapping[str, int]] = {}
"""Every attempt counts."""
_MAX_LEARNER: Final = 200
_RAISED: Final = re.compile(r"raised\(lambda: *(.*)\)", re.DOTALL)


def grade_quiz(
    exercise: Exercise,
    submission: Submission,
    learner: str,
    seed: int,
    *,
    attempts: Mapping[str, int] = _FIRST,
) -> Grade:
    """Grade an answer sheet with the numbers of ``learner``, whoever the sheet names.

    ``attempts`` maps questions to the first attempt that still counts: a question whose answer
    is for an earlier attempt is open. Raises ``SubmissionError`` if it is no answer sheet.
    """
    sheet = read_sheet(exercise, submission)
    # A sheet says the name in this form, too.
    learner = printable(learner)[:_MAX_LEARNER]
    notes = list(sheet.notes)
    sheet_learner = None
    if sheet.learner:
        sheet_learner = sheet.learner[:_MAX_LEARNER]
        if printable(sheet_learner) != learner:
            notes.insert(0, _other_learner(exercise, learner, sheet_learner))

    # Read once for all questions.
    known = wrong_answers(exercise)
    checks = []
    misconception = explanation = None
    for question in exercise.spec.questions:
        answer = sheet.answers.get(question.name)
        first = 1
        if question.draw:
            first = attempts.get(question.name, 1)
        asked = _Asked.of(exercise, question, learner, answer, first)
        result, wrong = _grade_question(asked, submission, answer, known.get(question.name, []))
        checks.append(result)
        if wrong is not None and misconception is None:
            misconception, explanation = wrong

    return grade_from_checks(
        checks,
        exercise=exercise.id,
        submission=submission.name,
        learner=learner,
        seed=seed,
        seconds=sum(check.seconds for check in checks),
        misconception=misconception,
        explanation=explanation,
        asked=learner,
        sheet_learner=sheet_learner,
        notes=notes,
    )


def _other_learner(exercise: Exercise, learner: str, sheet_learner: str) -> str:
    on_sheet = clean(sheet_learner, 80)
    name = clean(learner, 80)
    return (
        f"This sheet was written for {on_sheet}, but it is graded with the numbers of {name}. "
        f"`grade start {exercise.id} --learner {name}` writes a sheet with these numbers; "
        f"`--learner {on_sheet}` grades the sheet for {on_sheet}."
    )


def key_of(exercise: Exercise, question: Question, numbers: dict[str, int]) -> Key:
    """Return the key of a question with these numbers."""

    def error(problem: str, advice: str) -> CourseError:
        # Parse the file again only for an error, to find the line.
        definition = read_definition(exercise)
        position = exercise.spec.questions.index(question)
        problem = f"question `{question.name}`: {problem}"
        return definition.error(problem, "questions", position, "expression", advice=advice)

    return evaluate(question.expression, numbers, error)


def wrong_key(
    exercise: Exercise, question: Question, wrong: WrongAnswer, numbers: dict[str, int]
) -> Key:
    """Return the answer of a learner who has the misconception ``wrong``."""

    def error(problem: str, advice: str) -> CourseError:
        document = read_wrong_answers(exercise)
        position = wrong_answers(exercise)[question.name].index(wrong)
        problem = f"question `{question.name}`: {problem}"
        return document.error(problem, question.name, position, "expression", advice=advice)

    return evaluate(wrong.expression, numbers, error)


def evaluate(
    expression: str, numbers: dict[str, int], course_error: Callable[[str, str], CourseError]
) -> Key:
    """Return what an expression gives in PyTorch.

    If it fails, or gives something else, raises the ``course_error`` for a problem and an
    advice, which has the place of the expression.
    """
    # torch.manual_seed is four times slower, because it also seeds absent devices.
    torch.default_generator.manual_seed(0)
    filled = fill(expression, numbers)
    names = {
        "torch": torch,
        "nn": torch.nn,
        "F": torch.nn.functional,
        "raised": raised,
        "nothing": NOTHING,
    }
    try:
        # The author wrote the expression, so it is trusted like checks.py.
        value = eval(filled, names)
    except Exception as error:
        problem = f"`{filled}` raises {type(error).__name__}: {error}"
        raise course_error(problem, "fix the expression") from None

    if isinstance(value, tuple) and all(isinstance(size, int) for size in value):
        return tuple(value)
    if isinstance(value, type) and issubclass(value, Exception):
        return Raised(value.__name__)
    if value is None or isinstance(value, bool | int | float | Raised):
        return value

    problem = f"`{filled}` gives a {type(value).__name__}"
    advice = "make it give a shape, a number, a bool, what is raised, or None"
    raise course_error(problem, advice)


def raised(call: Callable[[], object]) -> Raised:
    """Return what ``call()`` raises. Expressions use it: ``raised(lambda: torch.ones(2)[5])``."""
    try:
        call()
    except (NameError, SyntaxError):
        # The expression itself has a typo.
        raise
    except Exception as error:
        return Raised(type(error).__name__)

    return NOTHING


class _Asked(NamedTuple):
    """A question in one attempt of a learner."""

    exercise: Exercise
    question: Question
    learner: str
    attempt: int
    numbers: dict[str, int]

    @classmethod
    def of(
        cls, exercise: Exercise, question: Question, learner: str, answer: Answer | None, first: int
    ) -> "_Asked":
        """The question that ``answer`` is for; ``first`` is the first attempt that counts."""
        attempt = first
        if answer is not None and question.draw:
            attempt = max(first, answer.attempt)
        numbers = draw_numbers(exercise.id, question, learner, attempt)
        return cls(exercise, question, learner, attempt, numbers)

    @property
    def key(self) -> str:
        """The key of its answer on a sheet."""
        return key_of_attempt(self.question.name, self.attempt)

    @property
    def text(self) -> str:
        """The question with its numbers."""
        return fill(self.question.ask, self.numbers)

    @property
    def following(self) -> "_Asked":
        """The same question in the next attempt."""
        attempt = self.attempt
        if self.question.draw:
            attempt += 1
        numbers = draw_numbers(self.exercise.id, self.question, self.learner, attempt)
        return self._replace(attempt=attempt, numbers=numbers)


def _grade_question(
    asked: _Asked, submission: Submission, answer: Answer | None, known: list[WrongAnswer]
) -> tuple[CheckResult, tuple[str, str] | None]:
    """Return the result, and the misconception behind a wrong answer with its explanation."""
    started = time.monotonic()
    question = asked.question
    key = key_of(asked.exercise, question, asked.numbers)

    points = 0
    state: Literal["", "open", "unclear"] = ""
    said: AnswerMessage | None = None
    given_wrong = ""
    numbers: dict[str, int] = {}
    misconception = None
    if answer is None or answer.is_empty:
        # An open question gets no points, but counts as no mistake.
        state, said = "open", AnswerMessage("Not answered yet.")
    elif answer.problem:
        state, said = "unclear", AnswerMessage(answer.problem)
    elif question.draw and answer.attempt < asked.attempt:
        state = "open"
        # The title of the check is already the question.
        line = f"Add the line `{asked.key}:` and write the answer there."
        said = AnswerMessage(f"Attempt {answer.attempt} is over. {line}")
    else:
        given = parse_answer(answer.value, key)
        if is_same(given, key):
            points = question.points
        elif isinstance(given, str):
            state, said = "unclear", _unclear(asked, submission, answer, given, key)
        else:
            given_wrong = clean(show_answer(given), 100)
            numbers = asked.numbers
            said, misconception = _wrong(asked, given, known)

    outcome = Outcome.PASSED
    message = ""
    if said is not None:
        outcome = Outcome.FAILED
        message = said.whole

    check = Check(question.name, asked.text, question.points)
    seconds = time.monotonic() - started
    name = ""
    if misconception is not None:
        name, _ = misconception
    result = CheckResult(
        check=check,
        outcome=outcome,
        points=points,
        message=message,
        seconds=seconds,
        answer=state,
        attempt=asked.attempt,
        given=given_wrong,
        numbers=numbers,
        misconception=name,
        parts=said,
    )
    return result, misconception


def _unclear(
    asked: _Asked, submission: Submission, answer: Answer, given: str, key: Key
) -> AnswerMessage:
    # Parse the sheet again only for a message, to find the line.
    line = line_of(submission, asked.key, answer)
    place = submission.place(submission.name, line)
    shown = clean(given, 100)
    reason = f"`{shown}` cannot be understood: {how_to_write(given, key)}."
    return AnswerMessage(reason, place)


def _wrong(
    asked: _Asked, given: Key, known: list[WrongAnswer]
) -> tuple[AnswerMessage, tuple[str, str] | None]:
    """The message about a wrong answer; the misconception behind it, if it is known."""
    question, numbers = asked.question, asked.numbers
    shown = clean(show_answer(given), 100)
    reason = f"You answered {shown}, which is not what PyTorch gives."
    misconception = None
    for wrong in known:
        if is_same(given, wrong_key(asked.exercise, question, wrong, numbers)):
            because = fill(wrong.because, numbers)
            misconception = wrong.misconception, because
            reason += f" {because}"
            break

    # An experiment teaches more than the key, which could be copied.
    shown = experiment(question, numbers)
    if question.to_try is None:
        reason += f"\nSee for yourself: `{shown}`"
    else:
        indented = textwrap.indent(shown, "    ")
        reason += f"\nSee for yourself:\n{indented}"

    next_question = ""
    if asked.following.numbers != numbers:
        next_question = _asks(asked.following)
    return AnswerMessage(reason, next_question=next_question), misconception


def _asks(asked: _Asked) -> str:
    return f"The next attempt asks: {asked.text} Write the answer after `{asked.key}:`."


def experiment(question: Question, numbers: dict[str, int]) -> str:
    """Code that shows the answer when the learner runs it; it does not contain the key."""
    if question.to_try is not None:
        return fill(question.to_try.rstrip(), numbers)

    # `raised` is no function of PyTorch. The call inside it shows the exception.
    expression = question.expression
    if match := _RAISED.fullmatch(expression.strip()):
        expression = match[1]
    return fill(expression, numbers)
