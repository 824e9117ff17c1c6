"""Wrong submissions that no misconception explains, grouped by what they do.

A large group is worth a name: the instructor can add a misconception for it. Submissions of code
form a group if they fail the same checks in the same way, with equal values on equal inputs. The
numbers of a quiz differ for each learner, so equal answers are those of the same form:
``(3, 5)`` for dim = 3 and num = 5 has the form ``(dim, num)``.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from grader.course.records import Check
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.comments import behavior, without_file
from grader.grades.grade import OBSERVED, CheckResult, Grade

_MOST_FORMS: Final = 200
"""Forms of one answer; a long answer in small numbers has many."""
_NUMBER: Final = re.compile(r"(?<![\w.])\d+(?![\w.])")
"""A whole number; the digits of 0.25 are none."""


class Behavior(msgspec.Struct, frozen=True):
    """Learners whose submissions are wrong in the same way."""

    id: str
    """The same in each report about the same submissions: ``exercise3~1f2e3d``."""
    exercise: GradedExercise
    check: Check
    """The first missed check, or the question."""
    what: str
    """What the submissions do, or the form of the answer."""
    learners: list[str]
    observed: str = ""
    """The fact that the grader names; empty if it has none."""


class Answer(msgspec.Struct, frozen=True):
    """A wrong answer of one learner to a question."""

    learner: str
    result: CheckResult


def behaviors(results: ClassResults) -> list[Behavior]:
    """The groups of the class, the largest first; a group can have a single learner."""
    groups: list[Behavior] = []
    for exercise in results.exercises:
        groups += _of_code(results, exercise)
        for check in exercise.checks:
            groups += _of_question(results, exercise, check)

    # The sort is stable: groups of equal size stay in the order of the course.
    groups.sort(key=_size, reverse=True)
    return groups


def wrong_answers(results: ClassResults, exercise: GradedExercise, check: Check) -> list[Answer]:
    """The wrong answers to a question, in the order of the class."""
    answers = []
    for learner, grade in results.submitted(exercise.id):
        # A grade from before a change of the exercise can lack the question.
        result = grade.check(check.name)
        if result is None:
            continue
        if result.given:
            answer = Answer(learner, result)
            answers.append(answer)

    return answers


def by_form(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """Form to the answers that have it; each answer is in one group, the largest that it fits.

    For num = 5 and dim = 3, the answer 15 could be meant as 15 or as num * dim. The form that
    more learners share explains it.
    """
    fitting: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        result = answer.result
        for form in forms(result.given, result.numbers):
            fitting[form].append(answer)

    groups = {}
    left: dict[str, list[Answer]] = fitting
    while left:
        best = _best(left)
        group = left[best]
        groups[best] = group
        # Each answer is in one group.
        left = _without(left, group)

    return groups


def forms(given: str, numbers: Mapping[str, int]) -> set[str]:
    """The ways to write an answer with the names of the drawn ``numbers``.

    ``(3, 5)`` for num = 5 and dim = 3 gives ``(3, 5)``, ``(dim, num)``, ``(dim, 5)``, …
    """
    choices = []
    for digits in _NUMBER.findall(given):
        value = int(digits)
        choices.append(_expressions(value, numbers))

    # Braces of the answer itself must survive the formatting.
    template = _NUMBER.sub("{}", _escaped(given))
    combinations = itertools.product(*choices)
    found = set()
    # A long answer has more combinations than anybody could read.
    for chosen in itertools.islice(combinations, _MOST_FORMS):
        form = template.format(*chosen)
        found.add(form)

    return found


def _size(group: Behavior) -> int:
    return len(group.learners)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _expressions(value: int, numbers: Mapping[str, int]) -> list[str]:
    """What a number can stand for: a drawn number, itself, a product or a sum."""
    found = []
    for name, number in numbers.items():
        if number == value:
            found.append(name)

    # A number that is none of the drawn ones stays as it is.
    found.append(str(value))

    pairs = itertools.combinations(numbers.items(), 2)
    for (one, first), (other, second) in pairs:
        if first * second == value:
            found.append(f"{one} * {other}")
        if first + second == value:
            found.append(f"{one} + {other}")

    return found


def _best(groups: Mapping[str, list[Answer]]) -> str:
    """The form that most answers have; among several, names before numbers, then the shortest."""

    def rank(form: str) -> tuple[int, int, int, str]:
        literals = _NUMBER.findall(form)
        # The text itself comes last, so that the order is the same each time.
        return (
            -len(groups[form]),
            len(literals),
            len(form),
            form,
        )

    return min(groups, key=rank)


def _without(
    groups: Mapping[str, list[Answer]], explained: Iterable[Answer]
) -> dict[str, list[Answer]]:
    # A learner has one answer, so the name identifies it.
    taken = {answer.learner for answer in explained}
    left = {}
    for form, answers in groups.items():
        rest = [answer for answer in answers if answer.learner not in taken]
        if rest:
            left[form] = rest

    return left


def _of_question(
    results: ClassResults, exercise: GradedExercise, check: Check
) -> Iterator[Behavior]:
    answers = wrong_answers(results, exercise, check)
    # A known misconception already has a group of its own in the report.
    unnamed = [answer for answer in answers if not answer.result.misconception]
    for form, group in by_form(unnamed).items():
        yield Behavior(
            id=_identity(exercise, check.name, form),
            exercise=exercise,
            check=check,
            what=form,
            learners=[answer.learner for answer in group],
        )


def _of_code(results: ClassResults, exercise: GradedExercise) -> list[Behavior]:
    groups: dict[str, Behavior] = {}
    for learner, grade in results.submitted(exercise.id):
        first = _first_missed(grade)
        name = grade.misconception or ""
        is_observed = name.startswith(OBSERVED)
        # A known misconception already has a group of its own in the report.
        if first is None or (name and not is_observed):
            continue

        said = without_file(grade, first)
        identity = _identity(exercise, behavior(grade))
        if identity not in groups:
            groups[identity] = Behavior(
                id=identity,
                exercise=exercise,
                check=first.check,
                what=said.partition("\n")[0],
                learners=[],
                observed=name,
            )

        groups[identity].learners.append(learner)

    return list(groups.values())


def _first_missed(grade: Grade) -> CheckResult | None:
    """The check that says what is wrong; None for a passed, an ungraded or a quiz's grade."""
    if grade.status == "ungraded":
        return None

    # The grade of a quiz says whose numbers it asked; there, each question is wrong on its own.
    if grade.asked is not None:
        return None

    for result in grade.checks:
        if result.outcome.missed and not result.needed:
            return result

    return None


def _identity(exercise: GradedExercise, *parts: str) -> str:
    text = "\0".join(parts)
    # A message can contain half of a surrogate pair.
    encoded = text.encode("utf-8", "surrogatepass")
    digest = blake2b(encoded, digest_size=3)
    return f"{exercise.id}~{digest.hexdigest()}"
