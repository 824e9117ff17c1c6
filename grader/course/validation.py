"""Check what a record cannot: that names are unique, and that both sides of an exercise agree."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from grader.course.records import (
    LEARNER_METHODS,
    CodeExercise,
    Entry,
    Exercise,
    Question,
    QuizExercise,
    WrongAnswer,
)
from grader.course.yaml_reader import Document
from grader.errors import CourseError

_FORBIDDEN: Final = re.compile(r"torch(\.\w+)+|\w+::\w+(\.\w+)?")
"""A dotted name below torch, or an operator with or without an overload: ``aten::sum.IntList``."""
_OWN_FILES: Final = ("exercise.yaml", "starter.py")
_NUMBER: Final = re.compile(r"\{(\w+)\}")
"""The place of a drawn number in a text of a quiz."""


def check_names(spec: CodeExercise, document: Document) -> None:
    """Check ``entry`` and ``forbidden``. Raises ``CourseError``.

    Whether a forbidden name exists is for the examiner to say, which imports torch.
    """
    for position, signature in enumerate(spec.entry):
        at = f"`{signature}` at `entry`"
        try:
            name = Entry.parse(signature).name
        except ValueError as error:
            raise document.error(
                f"{at} {error}",
                "entry",
                position,
                advice="write it like `name(a, b=None) -> Tensor` or `class Name(a)`",
            ) from None
        # `learner.run(…)` in a check would not call the submission.
        if name in LEARNER_METHODS:
            raise document.error(
                f"`{name}` at `entry` is the name of `learner.{name}` in checks",
                "entry",
                position,
                advice="use another name",
            )
    for position, name in enumerate(spec.forbidden):
        if not _FORBIDDEN.fullmatch(name):
            raise document.error(
                f"`{name}` at `forbidden` is neither a dotted torch name nor namespace::operator",
                "forbidden",
                position,
                advice="write a name such as torch.add or aten::add",
            )


def check_files(exercise: Exercise, document: Document) -> None:
    """Check that the files of the learner exist and have names of their own."""
    for position, name in enumerate(exercise.spec.files):
        # The learner's own file has the name of the exercise.
        taken = name in _OWN_FILES or Path(name).stem == exercise.id
        if taken or not (exercise.public / name).is_file():
            problem = "is a file that the exercise has anyway" if taken else "does not exist"
            raise document.error(
                f"`{name}` at `files` {problem}",
                "files",
                position,
                advice=f"name files in exercises/{exercise.id} that learners get with the starter",
            )


def check_code(spec: CodeExercise, document: Document, checks: Path, place: str) -> None:
    """Check that the rubric and the file ``checks``, called ``place``, list the same checks.

    Raises ``CourseError``.
    """
    planned = [check.name for check in spec.checks]
    _check_unique(planned, document, "rubric", advice="rename one")
    _check_needs(spec, document)
    lines = _test_functions(checks, place)
    for position, name in enumerate(planned):
        if name not in lines:
            raise document.error(
                f"check `{name}` at `rubric` has no function `test_{name}` in {place}",
                "rubric",
                position,
                advice="write it",
            )
    # A check outside the rubric would never run, and its author would not notice.
    for name, line in lines.items():
        if name not in planned:
            raise CourseError(
                f"`test_{name}` has no line `check: {name}` at `rubric` of {document.where}",
                place=place,
                line=line,
                advice="add it",
            )


def _check_needs(spec: CodeExercise, document: Document) -> None:
    """Check the keys ``needs`` and ``side_effects`` of the rubric. Raises ``CourseError``."""
    needs = {check.name: check.needs for check in spec.checks}
    is_marked = False
    for position, check in enumerate(spec.checks):
        for name in check.needs:
            if name not in needs:
                raise document.error(
                    f"`{name}` at `needs` of check `{check.name}` is no check of this rubric",
                    "rubric",
                    position,
                    "needs",
                    advice="name another check",
                )
            # One step is enough for every use, and it rules out circles.
            if needs[name]:
                raise document.error(
                    f"check `{check.name}` needs `{name}`, which needs other checks itself",
                    "rubric",
                    position,
                    "needs",
                    advice="name those checks instead",
                )
        if check.side_effects and is_marked:
            raise document.error(
                f"check `{check.name}` is the second one with `side_effects: true`",
                "rubric",
                position,
                "side_effects",
                advice="mark one check",
            )
        is_marked = is_marked or check.side_effects


def check_questions(spec: QuizExercise, document: Document) -> None:
    """Check the questions of a quiz. Raises ``CourseError``."""
    names = [question.name for question in spec.questions]
    _check_unique(names, document, "questions", advice="rename one")
    for position, question in enumerate(spec.questions):
        path = ("questions", position)
        # An answer sheet keeps the learner's name beside the answers.
        if question.name == "learner":
            raise document.error(
                "a question cannot have the name `learner`, a key of every answer sheet",
                *path,
                "name",
                advice="rename it",
            )
        _check_ranges(question, document, *path)
        _check_numbers(question, question.ask, document, *path, "ask")
        _check_numbers(question, question.expression, document, *path, "expression")
        _check_numbers(question, question.to_try or "", document, *path, "try")


def check_wrong_answers(
    spec: QuizExercise, wrong_answers: dict[str, list[WrongAnswer]], document: Document
) -> None:
    """Check the known wrong answers, which ``document`` lists. Raises ``CourseError``."""
    questions = {question.name: question for question in spec.questions}
    for name, answers in wrong_answers.items():
        if name not in questions:
            raise document.error(
                f"the quiz has no question `{name}`", name, advice="rename or remove it"
            )

        # Class statistics count misconceptions by name.
        misconceptions = [answer.misconception for answer in answers]
        _check_unique(misconceptions, document, name, advice="rename or remove one")
        for position, answer in enumerate(answers):
            path = (name, position)
            _check_numbers(questions[name], answer.expression, document, *path, "expression")
            _check_numbers(questions[name], answer.because, document, *path, "because")


def _check_unique(names: Iterable[str], document: Document, key: str, *, advice: str) -> None:
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in seen:
            raise document.error(f"`{name}` is twice in `{key}`", key, position, advice=advice)
        seen.add(name)


def _test_functions(checks: Path, place: str) -> dict[str, int]:
    """Name of each check that ``checks`` defines to the line of its function."""
    try:
        tree = ast.parse(checks.read_bytes())
    except OSError as error:
        raise CourseError.unreadable(place, error) from None
    # A null byte is a ValueError in Python 3.11.3 and a SyntaxError in 3.11.4.
    except (SyntaxError, ValueError) as error:
        raise CourseError(
            getattr(error, "msg", str(error)),
            place=place,
            line=getattr(error, "lineno", None),
            advice="fix the code",
        ) from None

    # The file is parsed, not imported: its code may run in an examiner only.
    lines: dict[str, int] = {}
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        name = node.name.removeprefix("test_")
        # Python keeps the second function only.
        if name in lines:
            raise CourseError(
                f"`{node.name}` is defined twice",
                place=place,
                line=node.lineno,
                advice="rename one",
            )
        lines[name] = node.lineno
    return lines


def _check_ranges(question: Question, document: Document, *path: str | int) -> None:
    """Check that a number is left to draw in each range, for any values of the others."""
    earlier: list[tuple[int, int]] = []
    for name, (low, high) in question.draw.items():
        # The numbers differ, so each earlier range that overlaps may take one number away.
        taken = sum(low <= top and bottom <= high for bottom, top in earlier)
        if high - low < taken:
            raise document.error(
                f"range of `{name}` at `questions.{question.name}.draw` is too narrow",
                *path,
                "draw",
                name,
                advice="widen it",
            )
        earlier.append((low, high))


def _check_numbers(question: Question, template: str, document: Document, *path: str | int) -> None:
    for name in _NUMBER.findall(template):
        if name not in question.draw:
            raise document.error(
                f"question `{question.name}` uses {{{name}}}, which `draw` does not define",
                *path,
                advice="define it",
            )
