"""Quizzes: the key is what PyTorch says, and an answer is read in the forms people write."""

import builtins
import difflib
import math
import re
import textwrap
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
import torch

from grader.course.draws import draw_numbers, fill
from grader.course.loading import read_definition, read_wrong_answers, wrong_answers
from grader.course.records import Check, Exercise, Question, WrongAnswer
from grader.course.yaml_reader import Document
from grader.errors import CourseError, SubmissionError
from grader.examiner.feedback import clean
from grader.grades.grade import CheckResult, Grade, Outcome, grade_from_checks
from grader.submission.files import Submission, read_answers


class Raised(msgspec.Struct, frozen=True):
    """What something raises: the name of an exception, or ``nothing``."""

    name: str


Key = tuple[int, ...] | int | float | bool | Raised | None
NOTHING: Final = Raised("nothing")
MAX_ANSWER: Final = 200
_NUMBER: Final = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[,_]\d{3})+)(?:\.\d*)?(?:[eE][+-]?\d+)?")
_SEPARATOR: Final = re.compile(r"\s*[,x×*]\s*|\s+")
_BRACKETS: Final = {"(": ")", "[": "]"}
_RAISED: Final = re.compile(r"raised\(lambda: *(.*)\)", re.DOTALL)
_EXCEPTIONS: Final = {
    name.lower(): Raised(kind.__name__)
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
} | dict.fromkeys(("nothing", "none", "noexception", "noerror"), NOTHING)
_YES: Final = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


def grade_quiz(
    exercise: Exercise,
    submission: Submission,
    learner: str,
    seed: int,
    *,
    ignore_sheet_name: bool = False,
) -> Grade:
    """Grade a file of answers; every key is computed here, by running the expression.

    The numbers are those that were put to whoever the file was written for, by its own word;
    where it is ``ignore_sheet_name`` who hands it in, to them.
    """
    answers = read_answers(submission)
    written_for = str(answers.pop("learner", learner))
    asked = learner if ignore_sheet_name else written_for
    names = [question.name for question in questions(exercise)]
    if unknown := [name for name in answers if name not in names]:
        line = Document(submission.name, submission.source, answers).line(unknown[0])
        asked_for = f"there is no question `{clean(unknown[0], 80)}` in {exercise.id}"
        raise SubmissionError(
            f"{submission.name}: line {line}: {asked_for}; {_meant(unknown[0], names)}"
        )
    known = wrong_answers(exercise)
    checks, misconception, explanation = [], None, None
    for question in questions(exercise):
        started = time.monotonic()
        check, wrong = _grade_question(
            exercise, question, answers.get(question.name), asked, known.get(question.name, [])
        )
        checks.append(_with_time(check, time.monotonic() - started))
        if wrong is not None and misconception is None:
            misconception, explanation = wrong
    return grade_from_checks(
        checks,
        exercise=exercise.id,
        submission=submission.name,
        learner=asked[:200],
        seed=seed,
        seconds=sum(check.seconds for check in checks),
        misconception=misconception,
        explanation=explanation,
        asked=asked[:200],
    )


def key_of(exercise: Exercise, question: Question, numbers: dict[str, int]) -> Key:
    """The key of a question with these numbers."""

    def where() -> str:
        position = [each.name for each in questions(exercise)].index(question.name)
        return _where(read_definition(exercise), question, "questions", position, "expression")

    return evaluate(question.expression, numbers, where)


def wrong_key(
    exercise: Exercise, question: Question, wrong: WrongAnswer, numbers: dict[str, int]
) -> Key:
    """What someone answers with these numbers who makes a known mistake."""

    def where() -> str:
        position = wrong_answers(exercise)[question.name].index(wrong)
        return _where(read_wrong_answers(exercise), question, question.name, position, "expression")

    return evaluate(wrong.expression, numbers, where)


def _where(document: Document, question: Question, *path: str | int) -> str:
    return f"{document.where}: line {document.line(*path)}: question `{question.name}`"


def questions(exercise: Exercise) -> tuple[Question, ...]:
    """The questions of a quiz."""
    return exercise.spec.questions


def evaluate(expression: str, numbers: dict[str, int], where: Callable[[], str]) -> Key:
    """What PyTorch says: a shape as a tuple, a number, yes or no, what is raised, or None.

    ``where`` says where the expression stands, and is asked only where it is none of these.
    """
    # Not torch.manual_seed: for devices that are not there it keeps the stack, as text, four times slower in all.
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
        # The expression is the course author's, as trusted as checks.py.
        value = eval(filled, names)
    except Exception as error:
        problem = f"`{filled}` raises {type(error).__name__}: {error}"
        raise CourseError(f"{where()}: {problem}; mend the expression") from None
    if isinstance(value, tuple) and all(isinstance(size, int) for size in value):
        return tuple(value)
    if isinstance(value, type) and issubclass(value, Exception):
        return Raised(value.__name__)
    if value is None or isinstance(value, (bool, int, float, Raised)):
        return value
    raise CourseError(
        f"{where()}: `{filled}` gives a {type(value).__name__}; "
        "let it give a shape, a number, yes or no, what is raised, or None"
    )


def raised(call: Callable[[], object]) -> Raised:
    """What ``call()`` raises; for expressions: ``raised(lambda: torch.ones(2)[5])``."""
    try:
        call()
    except (NameError, SyntaxError):
        raise  # a slip of the author's
    except Exception as error:
        return Raised(type(error).__name__)
    return NOTHING


def parse_answer(answer: Any, key: Key) -> Key | str:
    """``answer`` read as the kind of thing ``key`` is; the text itself where it is none.

    A shape may be written ``[5, 4]``, ``(5, 4)``, ``5, 4``, ``5 x 4`` or ``torch.Size([5, 4])``,
    and an exception ``KeyError``, ``a KeyError``, ``key error`` or as a traceback's last line.
    """
    if isinstance(answer, list):
        answer = "[" + ", ".join(map(str, answer)) + "]"
    text = str(answer)[:MAX_ANSWER].strip().strip("`").strip()
    if isinstance(key, Raised):
        return _parse_exception(text) or text
    if text.lower() == "none":
        return None
    if isinstance(key, bool):
        return _YES.get(text.lower(), text)
    if isinstance(key, tuple) or key is None:
        sizes = _parse_shape(text)
        return text if sizes is None else sizes
    if not _NUMBER.fullmatch(text):
        return text
    value = float(re.sub("[,_]", "", text))
    return int(value) if isinstance(key, int) and value.is_integer() else value


def _meant(name: str, known: list[str]) -> str:
    """Which of the ``known`` questions was probably meant by ``name``; all of them where none is like it."""
    near = difflib.get_close_matches(name[:MAX_ANSWER], known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"its questions are {', '.join(known)}"


def _parse_shape(text: str) -> tuple[int, ...] | None:
    """The sizes of a shape in any of the forms that people write; None where it is none."""
    text = re.sub(r"^(torch\.)?size\b", "", text, flags=re.IGNORECASE).strip()
    bracketed = False
    while text[:1] in _BRACKETS and text[-1:] == _BRACKETS[text[0]]:
        text, bracketed = text[1:-1].strip(), True
    # One comma may end it, as in `(5,)`; what two of them mean nobody can say.
    parts = _SEPARATOR.split(text.removesuffix(",").rstrip()) if text else []
    if (not parts and not bracketed) or not all(
        re.fullmatch(r"-?\d{1,18}", part) for part in parts
    ):
        return None
    return tuple(int(part) for part in parts)


def _parse_exception(text: str) -> Raised | None:
    """The built-in exception that ``text`` names, however it is written; None where it names none."""
    name = re.sub(
        r"^((raises|an?)\s+)*(builtins\.)?", "", text.partition(":")[0].strip(), flags=re.IGNORECASE
    )
    return _EXCEPTIONS.get(re.sub(r"[\s_]|\(\)$", "", name).lower())


def show_answer(value: Key | str) -> str:
    """An answer as text: ``(5, 4)``, ``12``, ``yes``, ``KeyError``."""
    if isinstance(value, Raised):
        return value.name
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _to_try(question: Question, numbers: dict[str, int]) -> str:
    """What shows the answer when it is run; the key itself stays unsaid, for to copy it teaches nothing."""
    if question.to_try is not None:
        return "\n" + textwrap.indent(fill(question.to_try.rstrip(), numbers), "    ")
    tried = _RAISED.fullmatch(question.expression.strip())
    return f" `{fill(tried[1] if tried else question.expression, numbers)}`"


def _form(key: Key) -> str:
    """How an answer to a question with this key is written."""
    if isinstance(key, bool):
        return "yes or no"
    if isinstance(key, Raised):
        return "the name of an exception, such as KeyError, or nothing"
    return "a shape such as (5, 4)" if isinstance(key, tuple) or key is None else "a number"


def _with_time(check: CheckResult, seconds: float) -> CheckResult:
    """``check`` with the time it took."""
    return msgspec.structs.replace(check, seconds=seconds)


def is_same(answer: Key | str, key: Key) -> bool:
    """Whether an answer as read says what ``key`` says."""
    if isinstance(key, float) and isinstance(answer, float):
        return math.isclose(answer, key, rel_tol=1e-4)  # people write four or five digits
    return type(answer) is type(key) and answer == key


def _grade_question(
    exercise: Exercise, question: Question, answer: Any, learner: str, known: list[WrongAnswer]
) -> tuple[CheckResult, tuple[str, str] | None]:
    """The check, and the misconception with its explanation where the answer gives one away."""
    numbers = draw_numbers(exercise.id, question, learner)
    key = key_of(exercise, question, numbers)
    check = Check(question.name, fill(question.ask, numbers), question.points)
    if answer is None or answer == "":
        return CheckResult(check, Outcome.FAILED, 0, "Not answered yet."), None
    given = parse_answer(answer, key)
    if is_same(given, key):
        return CheckResult(check, Outcome.PASSED, check.points), None
    if isinstance(given, str):
        unread = f"Your answer `{clean(given, 100)}` cannot be read: write {_form(key)}."
        return CheckResult(check, Outcome.FAILED, 0, unread), None
    message = f"You answered {clean(show_answer(given), 100)}, which is not what PyTorch gives."
    misconception = None
    for wrong in known:
        if is_same(given, wrong_key(exercise, question, wrong, numbers)):
            misconception = wrong.misconception, fill(wrong.because, numbers)
            message += f" {misconception[1]}"
            break
    message += f"\nSee for yourself:{_to_try(question, numbers)}"
    return CheckResult(check, Outcome.FAILED, 0, message), misconception
