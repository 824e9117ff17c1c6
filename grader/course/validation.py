"""Check what a record cannot: that names are unique, and that both sides of an exercise agree."""

import ast
import re
from collections.abc import Iterable, Iterator
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
from grader.text import closest

_FORBIDDEN: Final = re.compile(r"torch(\.\w+)+|\w+::\w+(\.\w+)?")
"""A dotted name below torch, or an operator with or without an overload: ``aten::sum.IntList``."""
_OWN_FILES: Final = ("exercise.yaml", "starter.py")
_NUMBER: Final = re.compile(r"\{(\w+)\}")
"""The place of a drawn number in a text of a quiz."""


def check_names(spec: CodeExercise, document: Document) -> Iterator[CourseError]:
    """Check ``entry`` and ``forbidden``.

    Whether a forbidden name exists is for the examiner to say, which imports torch.
    """
    # YAML splits `[f(x, y), g(x)]` at every comma.
    signatures = spec.entry
    is_split = any(each.count("(") != each.count(")") for each in signatures)
    if is_split and len(signatures) > 1:
        yield document.error(
            "a comma splits a signature at `entry`",
            "entry",
            advice='put quotes around each signature: ["f(x, y) -> Tensor"]',
        )
        signatures = ()

    for position, signature in enumerate(signatures):
        at = f"`{signature}` at `entry`"
        try:
            name = Entry.parse(signature).name
        except ValueError as error:
            advice = "write it like `name(a, b=None) -> Tensor` or `class Name(a)`"
            yield document.error(f"{at} {error}", "entry", position, advice=advice)
            continue

        # `learner.run(…)` in a check would not call the submission.
        if name in LEARNER_METHODS:
            problem = f"`{name}` at `entry` is the name of `learner.{name}` in checks"
            yield document.error(problem, "entry", position, advice="use another name")

    for position, name in enumerate(spec.forbidden):
        if not _FORBIDDEN.fullmatch(name):
            problem = f"`{name}` at `forbidden` is neither a dotted torch name nor "
            problem += "namespace::operator"
            advice = "write a name such as torch.add or aten::add"
            yield document.error(problem, "forbidden", position, advice=advice)


def check_plot(spec: CodeExercise, document: Document) -> Iterator[CourseError]:
    """Check that ``plot`` names arguments."""
    if spec.plot is None:
        return

    parameters = {name for entry in spec.entries for name in entry.parameters}
    for key, name in (("rows", spec.plot.rows), ("marked", spec.plot.marked)):
        if name is not None and name not in parameters:
            problem = f"`{name}` at `plot` is no parameter of an entry"
            advice = f"name one of {', '.join(sorted(parameters))}"
            yield document.error(problem, "plot", key, advice=advice)


def check_files(exercise: Exercise, document: Document) -> Iterator[CourseError]:
    """Check that the files of the learner exist and have names of their own."""
    advice = f"name files in exercises/{exercise.id} that learners get with the starter"
    for position, name in enumerate(exercise.spec.files):
        path = exercise.public / name
        problem = ""
        # The learner's own file has the name of the exercise.
        if name in _OWN_FILES or Path(name).stem == exercise.id:
            problem = f"`{name}` at `files` is a file that the exercise has anyway"
        elif not path.is_file():
            problem = f"`{name}` at `files` does not exist"

        if problem:
            yield document.error(problem, "files", position, advice=advice)


def check_code(
    spec: CodeExercise, document: Document, checks: Path, place: str
) -> Iterator[CourseError]:
    """Check that the rubric and the file ``checks``, called ``place``, list the same checks.

    Raises ``CourseError`` if that file is not Python.
    """
    planned = [check.name for check in spec.checks]
    repeated = list(_check_unique(planned, document, "rubric", advice="rename one"))
    yield from repeated
    # A check that has another one's name is missing everywhere else.
    if repeated:
        return

    yield from _check_needs(spec, document)
    yield from _check_side_effects(spec, document)

    lines = _test_functions(checks, place)
    unplanned = lines.keys() - set(planned)
    for position, name in enumerate(planned):
        if name in lines:
            continue

        problem = f"check `{name}` at `rubric` has no function `test_{name}` in {place}"
        advice = _meant(name, unplanned) or "write it"
        yield document.error(problem, "rubric", position, advice=advice)

    # A check outside the rubric would never run, and its author would not notice.
    for name, line in lines.items():
        if name in unplanned:
            problem = f"`test_{name}` has no line `check: {name}` at `rubric` of {document.where}"
            yield CourseError(problem, place=place, line=line, advice="add it")


def _meant(name: str, known: Iterable[str]) -> str:
    near = closest(name, known)
    return f"did you mean `{near}`?" if near else ""


def _check_needs(spec: CodeExercise, document: Document) -> Iterator[CourseError]:
    """Check the key ``needs`` of the rubric."""
    needs = {check.name: check.needs for check in spec.checks}
    for position, check in enumerate(spec.checks):
        path = ("rubric", position, "needs")
        for name in check.needs:
            if name not in needs:
                problem = f"`{name}` at `needs` of check `{check.name}` is no check of this rubric"
                advice = _meant(name, needs) or "name another check"
                yield document.error(problem, *path, advice=advice)
            elif name == check.name:
                problem = f"check `{name}` needs itself"
                yield document.error(problem, *path, advice="name another check")
            # One step is enough for every use, and it rules out circles.
            elif needs[name]:
                problem = f"check `{check.name}` needs `{name}`, which needs other checks itself"
                advice = "name those checks instead"
                yield document.error(problem, *path, advice=advice)


def _check_side_effects(spec: CodeExercise, document: Document) -> Iterator[CourseError]:
    """Check that at most one check of the rubric has the key ``side_effects``."""
    is_marked = False
    for position, check in enumerate(spec.checks):
        if not check.side_effects:
            continue
        if is_marked:
            problem = f"check `{check.name}` is the second one with `side_effects: true`"
            path = ("rubric", position, "side_effects")
            yield document.error(problem, *path, advice="mark one check")

        # Side effects in other checks count in this one, so there can be only one.
        is_marked = True


def check_questions(spec: QuizExercise, document: Document) -> Iterator[CourseError]:
    """Check the questions of a quiz."""
    names = [question.name for question in spec.questions]
    yield from _check_unique(names, document, "questions", advice="rename one")
    for position, question in enumerate(spec.questions):
        path = ("questions", position)
        # An answer sheet keeps the learner's name beside the answers.
        if question.name == "learner":
            problem = "a question cannot have the name `learner`, a key of every answer sheet"
            yield document.error(problem, *path, "name", advice="rename it")

        yield from _check_ranges(question, document, *path)
        templates = {
            "ask": question.ask,
            "expression": question.expression,
            "try": question.to_try or "",
        }
        for key, template in templates.items():
            yield from _check_numbers(question, template, document, *path, key)


def check_wrong_answers(
    spec: QuizExercise, wrong_answers: dict[str, list[WrongAnswer]], document: Document
) -> Iterator[CourseError]:
    """Check the known wrong answers, which ``document`` lists."""
    questions = {question.name: question for question in spec.questions}
    for name, answers in wrong_answers.items():
        question = questions.get(name)
        if question is None:
            problem = f"the quiz has no question `{name}`"
            advice = _meant(name, questions) or "rename or remove it"
            yield document.error(problem, name, advice=advice)
            continue

        # Class statistics count misconceptions by name.
        misconceptions = [answer.misconception for answer in answers]
        yield from _check_unique(misconceptions, document, name, advice="rename or remove one")
        for position, answer in enumerate(answers):
            templates = {"expression": answer.expression, "because": answer.because}
            for key, template in templates.items():
                yield from _check_numbers(question, template, document, name, position, key)


def _check_unique(
    names: Iterable[str], document: Document, key: str, *, advice: str
) -> Iterator[CourseError]:
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in seen:
            yield document.error(f"`{name}` is twice in `{key}`", key, position, advice=advice)
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


def _check_ranges(
    question: Question, document: Document, *path: str | int
) -> Iterator[CourseError]:
    """Check that a number is left to draw in each range, for any values of the others."""
    earlier: list[tuple[int, int]] = []
    for name, (low, high) in question.draw.items():
        taken = 0
        for bottom, top in earlier:
            # The numbers differ, so a range that overlaps may take one number away.
            if low <= top and bottom <= high:
                taken += 1

        earlier.append((low, high))

        size = high - low + 1
        if size > taken:
            continue

        problem = f"range of `{name}` at `questions.{question.name}.draw` is too narrow"
        advice = f"widen [{low}, {high}]"
        if low > high:
            advice = f"write the lowest number first: [{high}, {low}]"
        elif taken:
            problem += ": all drawn numbers of a question differ, and the others "
            problem += f"can take {taken} of {size} here"

        yield document.error(problem, *path, "draw", name, advice=advice)


def _check_numbers(
    question: Question, template: str, document: Document, *path: str | int
) -> Iterator[CourseError]:
    for name in _NUMBER.findall(template):
        if name in question.draw:
            continue

        problem = f"question `{question.name}` uses {{{name}}}, which `draw` does not define"
        advice = _meant(name, question.draw) or "define it"
        yield document.error(problem, *path, advice=advice)
