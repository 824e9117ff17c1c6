"""Grades quizzes. Evaluating an expression with PyTorch gives the key of each question."""

import difflib
import re
import textwrap
import time
from collections.abc import Callable
from typing import Any, Final

import torch

from grader.course.draws import draw_numbers, fill
from grader.course.loading import read_definition, read_wrong_answers, wrong_answers
from grader.course.records import Check, Exercise, Question, WrongAnswer
from grader.course.yaml_reader import Document
from grader.errors import CourseError, SubmissionError
from grader.examiner.feedback import clean
from grader.examiner.quiz_answers import (
    MAX_ANSWER,
    NOTHING,
    Key,
    Raised,
    answer_format,
    is_same,
    parse_answer,
    show_answer,
)
from grader.grades.grade import CheckResult, Grade, Outcome, grade_from_checks
from grader.submission.files import Submission, read_answers

_MAX_LEARNER: Final = 200
_RAISED: Final = re.compile(r"raised\(lambda: *(.*)\)", re.DOTALL)


def grade_quiz(
    exercise: Exercise,
    submission: Submission,
    learner: str,
    seed: int,
    *,
    ignore_sheet_name: bool = False,
) -> Grade:
    """Grade an answer sheet.

    The numbers in the questions are those of the learner that the sheet names, or those of
    ``learner`` with ``ignore_sheet_name``. Raises ``SubmissionError`` for an unknown question.
    """
    answers = read_answers(submission)
    name_on_sheet = str(answers.pop("learner", learner))
    asked = learner if ignore_sheet_name else name_on_sheet
    _refuse_unknown_questions(exercise, submission, answers)

    # Read once for all questions.
    known = wrong_answers(exercise)
    checks = []
    misconception = explanation = None
    for question in questions(exercise):
        answer = answers.get(question.name)
        mistakes = known.get(question.name, [])
        result, wrong = _grade_question(exercise, question, answer, asked, mistakes)
        checks.append(result)
        if wrong is not None and misconception is None:
            misconception, explanation = wrong

    return grade_from_checks(
        checks,
        exercise=exercise.id,
        submission=submission.name,
        learner=asked[:_MAX_LEARNER],
        seed=seed,
        seconds=sum(check.seconds for check in checks),
        misconception=misconception,
        explanation=explanation,
        asked=asked[:_MAX_LEARNER],
    )


def questions(exercise: Exercise) -> tuple[Question, ...]:
    """Return the questions of a quiz."""
    return exercise.spec.questions


def key_of(exercise: Exercise, question: Question, numbers: dict[str, int]) -> Key:
    """Return the key of a question with these numbers."""

    def error(problem: str, advice: str) -> CourseError:
        # Parse the file again only for an error, to find the line.
        definition = read_definition(exercise)
        position = questions(exercise).index(question)
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


def _refuse_unknown_questions(
    exercise: Exercise, submission: Submission, answers: dict[str, Any]
) -> None:
    names = [question.name for question in questions(exercise)]
    for name in answers:
        if name in names:
            continue

        # Parse the sheet again only for an error, to find the line.
        line = Document(submission.name, submission.source, answers).line(name)
        similar = difflib.get_close_matches(name[:MAX_ANSWER], names, n=1)
        advice = f"choose from {', '.join(names)}"
        if similar:
            advice = f"did you mean `{similar[0]}`?"
        problem = f"{exercise.id} has no question `{clean(name, 80)}`"
        raise SubmissionError(problem, place=submission.name, line=line, advice=advice)


def _grade_question(
    exercise: Exercise,
    question: Question,
    answer: Any,
    learner: str,
    known: list[WrongAnswer],
) -> tuple[CheckResult, tuple[str, str] | None]:
    """Return the result, and the misconception behind a wrong answer with its explanation."""
    started = time.monotonic()
    numbers = draw_numbers(exercise.id, question, learner)
    key = key_of(exercise, question, numbers)
    given = parse_answer(answer, key)

    points = 0
    message = ""
    misconception = None
    if answer is None or answer == "":
        message = "Not answered yet."
    elif is_same(given, key):
        points = question.points
    elif isinstance(given, str):
        message = f"Your answer `{clean(given, 100)}` cannot be read: write {answer_format(key)}."
    else:
        shown = clean(show_answer(given), 100)
        message = f"You answered {shown}, which is not what PyTorch gives."
        for wrong in known:
            if is_same(given, wrong_key(exercise, question, wrong, numbers)):
                because = fill(wrong.because, numbers)
                misconception = wrong.misconception, because
                message += f" {because}"
                break

        # An experiment teaches more than the key, which could be copied.
        message += f"\nSee for yourself:{_experiment(question, numbers)}"

    outcome = Outcome.FAILED if message else Outcome.PASSED
    check = Check(question.name, fill(question.ask, numbers), question.points)
    seconds = time.monotonic() - started
    return CheckResult(check, outcome, points, message, seconds), misconception


def _experiment(question: Question, numbers: dict[str, int]) -> str:
    """Code that shows the answer when the learner runs it. The message does not show the key."""
    if question.to_try is not None:
        return "\n" + textwrap.indent(fill(question.to_try.rstrip(), numbers), "    ")

    # `raised` is no function of PyTorch. The call inside it shows the exception.
    expression = question.expression
    if match := _RAISED.fullmatch(expression.strip()):
        expression = match[1]

    return f" `{fill(expression, numbers)}`"
