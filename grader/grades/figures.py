"""Everything that a report says about a class as a whole, computed once."""

import statistics
from typing import Final

import msgspec

from grader.grades.behavior import Behavior, behaviors
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.items import Item, items
from grader.grades.statistics import Misconception, misconceptions, totals
from grader.grades.warning_signs import WarningSign, warning_signs

FEW_LEARNERS: Final = 20
"""With fewer learners, figures about checks say little."""


class Resubmissions(msgspec.Struct, frozen=True):
    """How those did who handed in more than one submission for an exercise."""

    exercise: GradedExercise
    learners: int
    attempts: float
    """Mean number of submissions."""
    first: float
    """Mean points of their first submission."""
    best: float
    """Mean points of the best submission of each."""


class ClassFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures about a class."""

    title: str
    learners: int
    active: int
    """Learners who handed in anything."""
    items: list[Item]
    signs: list[WarningSign]
    misconceptions: list[Misconception]
    behaviors: list[Behavior]
    resubmissions: list[Resubmissions]
    """For each exercise that somebody handed in more than once."""

    @property
    def caution(self) -> str:
        """Why the figures mean little; empty if there are enough learners."""
        if self.active >= FEW_LEARNERS:
            return ""

        return (
            f"With fewer than {FEW_LEARNERS} learners, these figures mean little: chance alone "
            "can cause large differences."
        )


def figures_of(results: ClassResults) -> ClassFigures:
    """The figures about a class."""
    own_items = items(results)
    active = 0
    for total in totals(results):
        if total.submitted:
            active += 1

    return ClassFigures(
        title=results.title,
        learners=len(results.learners),
        active=active,
        items=own_items,
        signs=warning_signs(results, own_items),
        misconceptions=misconceptions(results),
        behaviors=behaviors(results),
        resubmissions=_resubmissions(results),
    )


def _resubmissions(results: ClassResults) -> list[Resubmissions]:
    found = []
    for exercise in results.exercises:
        several = [
            by_exercise[exercise.id]
            for by_exercise in results.attempts.values()
            if exercise.id in by_exercise
        ]
        if not several:
            continue

        resubmissions = Resubmissions(
            exercise=exercise,
            learners=len(several),
            attempts=statistics.mean(each.number for each in several),
            first=statistics.mean(each.first for each in several),
            best=statistics.mean(each.best for each in several),
        )
        found.append(resubmissions)

    return found
