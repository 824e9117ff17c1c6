"""What an instructor should look at: checks and questions whose figures are suspicious.

A sign is no verdict. Each one has a sentence that says what was seen, with its numbers.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from grader.course.records import Check
from grader.grades.behavior import Answer, by_form, wrong_answers
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.items import NOT_COUNTED, Item
from grader.text import count, percent

_ENOUGH: Final = 10
"""Fewer attempts give no sign: among a few learners, anything happens by chance."""
_TOGETHER: Final = 5
"""Two checks that at least so many learners fail, always together, are one sign."""
_ERRORS: Final = 2
"""A correlation that is so many standard errors below zero is hardly chance."""


class Kind(StrEnum):
    """What is suspicious."""

    NOBODY_FAILS = "nobody fails"
    NOBODY_PASSES = "nobody passes"
    STRONG_FAIL = "strong learners fail"
    FAIL_TOGETHER = "fail together"
    KEY = "key may be wrong"


class WarningSign(msgspec.Struct, frozen=True):
    """One thing to look at."""

    kind: Kind
    exercise: str
    checks: list[str]
    """The names of the checks or questions."""
    sentence: str


def warning_signs(results: ClassResults, items: Sequence[Item]) -> list[WarningSign]:
    """The signs of a class, in the order of its exercises; ``items`` are those of the class."""
    found: list[WarningSign] = []
    for exercise in results.exercises:
        own = [item for item in items if item.exercise.id == exercise.id]
        found += _nobody_fails(exercise, own)
        for item in own:
            found += _about_one(item)
            found += _about_key(results, item)

        found += _together(results, exercise, own)

    return found


def _nobody_fails(exercise: GradedExercise, own: Iterable[Item]) -> Iterator[WarningSign]:
    """The checks that everybody passed, as one sign: an easy exercise has many of them."""
    passed: dict[int, list[str]] = defaultdict(list)
    for item in own:
        if item.check is not None and item.attempted >= _ENOUGH and not item.failed_by:
            passed[item.attempted].append(item.check.name)

    for attempted, names in passed.items():
        learners = count(attempted, "learner")
        about = f"all {learners} who attempted it passed, so it tells nobody apart."
        name = f"{exercise.id}/{names[0]}"
        if len(names) > 1:
            about = (
                f"all {learners} who attempted them passed {', '.join(names)}, so these checks "
                "tell nobody apart."
            )
            name = exercise.id

        yield WarningSign(
            kind=Kind.NOBODY_FAILS,
            exercise=exercise.id,
            checks=names,
            sentence=f"{name}: {about}",
        )


def _about_one(item: Item) -> Iterator[WarningSign]:
    if item.check is None or item.attempted < _ENOUGH:
        return

    learners = count(item.attempted, "learner")
    if item.failed_by and not item.passed:
        sentence = (
            f"none of the {learners} who attempted it passed. The check, or what the statement "
            "says about it, may be wrong."
        )
        yield _sign(Kind.NOBODY_PASSES, item, item.check, sentence)

    found = item.discrimination
    if found is None:
        return
    # Only if the value is below zero by more than its error.
    if found.value + _ERRORS * found.error < 0:
        figures = f"{found.value:+.2f} ± {found.error:.2f}"
        sentence = (
            "learners who did well in everything else failed it more often than the others "
            f"(discrimination {figures}, {learners})."
        )
        yield _sign(Kind.STRONG_FAIL, item, item.check, sentence)


def _sign(kind: Kind, item: Item, check: Check, sentence: str) -> WarningSign:
    """The sign about one item; ``sentence`` follows its name."""
    return WarningSign(
        kind=kind,
        exercise=item.exercise.id,
        checks=[check.name],
        sentence=f"{item.name}: {sentence}",
    )


def _together(
    results: ClassResults, exercise: GradedExercise, checks: Iterable[Item]
) -> Iterator[WarningSign]:
    """Checks that the same learners fail, without submissions that passed nothing at all."""
    for (failed_by, _), names in _alike(results, exercise, checks).items():
        # A check alone fails together with nothing.
        if len(names) < 2:
            continue

        *others, last = names
        listed = f"{', '.join(others)} and {last}"
        learners = count(len(failed_by), "learner")
        sentence = f"{listed} always fail together ({learners}), so they may test the same thing."
        yield WarningSign(
            kind=Kind.FAIL_TOGETHER,
            exercise=exercise.id,
            checks=names,
            sentence=f"{exercise.id}: {sentence}",
        )


def _alike(
    results: ClassResults, exercise: GradedExercise, checks: Iterable[Item]
) -> dict[tuple[frozenset[str], frozenset[str]], list[str]]:
    """The learners who failed and who attempted something, to the checks for which it is these."""
    # Code that does not run fails every check, which says nothing about the checks.
    runs = {learner for learner, grade in results.submitted(exercise.id) if grade.points}

    alike = defaultdict(list)
    for item in checks:
        # Checks that are not counted because of another one fail with it by definition.
        if item.check is None or NOT_COUNTED in item.outcomes:
            continue

        failed = runs.intersection(item.failed_by)
        attempted = runs.intersection(item.scores)
        if len(attempted) < _ENOUGH:
            continue
        # A check that everybody failed has a sign of its own.
        if _TOGETHER <= len(failed) < len(attempted):
            group = frozenset(failed), frozenset(attempted)
            alike[group].append(item.check.name)

    return alike


def _about_key(results: ClassResults, item: Item) -> Iterator[WarningSign]:
    """The sign that the key of a question may be wrong.

    One wrong answer is more frequent than the right one, and those who gave it did at least as
    well in everything else.
    """
    if item.check is None or item.attempted < _ENOUGH:
        return

    answers = wrong_answers(results, item.exercise, item.check)
    groups = _by_answer(answers)
    if not groups:
        return

    form, learners = max(groups.items(), key=lambda group: len(group[1]))
    right = [learner for learner, score in item.scores.items() if score == 1]
    # A popular wrong answer to a hard question is no sign yet.
    if len(learners) <= max(len(right), item.attempted // 4):
        return

    theirs = _mean(item.rests, learners)
    of_right = _mean(item.rests, right)
    # Weaker learners gave it, as one expects of a wrong answer.
    if right and theirs < of_right:
        return

    sentence = (
        f"its key may be wrong. {len(learners)} of {item.attempted} learners answered {form}, "
        f"and {len(right)} gave the key"
    )
    if right:
        sentence += (
            f"; the former have {percent(theirs, 1)} % of all other points, the latter "
            f"{percent(of_right, 1)} %"
        )

    yield _sign(Kind.KEY, item, item.check, f"{sentence}.")


def _by_answer(answers: Iterable[Answer]) -> dict[str, list[str]]:
    """What was answered, to the learners; a known misconception is one answer."""
    groups: dict[str, list[str]] = defaultdict(list)
    unnamed = []
    for answer in answers:
        name = answer.result.misconception
        if name:
            groups[f"as with the misconception {name}"].append(answer.learner)
        else:
            # What is no known misconception is grouped by its form.
            unnamed.append(answer)

    for form, group in by_form(unnamed).items():
        groups[form] = [answer.learner for answer in group]

    return groups


def _mean(rests: Mapping[str, float], learners: Iterable[str]) -> float:
    known = [rests[learner] for learner in learners if learner in rests]
    if not known:
        return 0.0

    return statistics.mean(known)
