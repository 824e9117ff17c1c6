"""Item statistics: how hard each exercise, check and question is, and whom it tells apart.

An item is an exercise, or a check (for a quiz: a question) of one. The definitions are those of
classical test theory:

- *difficulty*: the mean share of its points among those who attempted it, from 0 (nobody got
  any) to 1 (everybody got all). A higher number means an easier item.
- *discrimination*: the correlation of these shares with the rest score. For a check this is the
  point-biserial correlation. The standard error is ``sqrt((1 - r ** 2) / (n - 2))``; divided by
  it, ``r`` is the t statistic of the comparison of those who passed with those who did not.
- *rest score*: a learner's share of the points of everything else in the class, without the item
  itself. As in every total, a missing submission counts as zero there, and one that the grader
  could not grade does not count.
"""

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from grader.course.records import Check
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.grade import OBSERVED, CheckResult, Grade, Outcome
from grader.grades.statistics import Total, totals

NOT_ATTEMPTED: Final = "not attempted"
OPEN: Final = "open"
NOT_COUNTED: Final = "not counted"
_NO_ATTEMPT: Final = (
    NOT_ATTEMPTED,
    OPEN,
    NOT_COUNTED,
    Outcome.SKIPPED.value,
)
"""Outcomes that say nothing about what the learner can do."""


class Correlation(msgspec.Struct, frozen=True):
    """A correlation coefficient."""

    value: float
    error: float
    """Its standard error."""
    number: int
    """How many pairs it is from."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """The figures about one item."""

    exercise: GradedExercise
    check: Check | None
    """None if the item is the whole exercise."""
    learners: int
    """Everybody in the class."""
    outcomes: dict[str, int]
    """Outcome, in words, to the number of learners; together they are everybody."""
    scores: dict[str, float]
    """The share of the item's points of each learner who attempted it."""
    rests: dict[str, float]
    """The rest score of each of them; empty if the class has nothing but this item."""
    difficulty: float | None
    """None if nobody attempted it."""
    discrimination: Correlation | None
    """None with fewer than three learners, or if all have the same score."""
    misconceptions: dict[str, int]
    """Misconceptions that explain wrong results of this item to the number of learners."""

    @property
    def name(self) -> str:
        """``exercise3`` or ``exercise3/table``."""
        if self.check is None:
            return self.exercise.id

        return f"{self.exercise.id}/{self.check.name}"

    @property
    def title(self) -> str:
        """The title of the check or of the exercise, for instructors."""
        if self.check is None:
            return self.exercise.title

        return self.check.title

    @property
    def attempted(self) -> int:
        """How many learners attempted the item."""
        return len(self.scores)

    @property
    def passed(self) -> int:
        """How many learners got all its points."""
        return sum(score == 1 for score in self.scores.values())

    @property
    def failed_by(self) -> list[str]:
        """The learners who attempted the item and did not get all its points."""
        return [learner for learner, score in self.scores.items() if score < 1]


def items(results: ClassResults) -> list[Item]:
    """The items of a class: each exercise, followed by its checks."""
    everything = {total.learner.name: total for total in totals(results)}
    found = []
    for exercise in results.exercises:
        whole = _of_exercise(results, exercise)
        found.append(whole.item(results, everything, exercise))
        for check in exercise.checks:
            tally = _of_check(results, exercise, check)
            found.append(tally.item(results, everything, exercise, check))

    return found


def correlation(first: Sequence[float], second: Sequence[float]) -> Correlation | None:
    """Pearson's correlation of pairs; None if there are fewer than three, or one is constant."""
    number = len(first)
    if number < 3:
        return None

    try:
        value = statistics.correlation(first, second)
    except statistics.StatisticsError:
        # One of the two is constant.
        return None

    # Rounding can lead a little beyond 1.
    value = max(-1.0, min(1.0, value))
    error = math.sqrt((1 - value**2) / (number - 2))
    return Correlation(value, error, number)


def rest_score(total: Total, points: int, max_points: int) -> float | None:
    """The share of the points of a learner without an item; None if there is nothing else."""
    others = total.max_points - max_points
    # The item is all that the learner has.
    if others <= 0:
        return None

    return (total.points - points) / others


class _Tally:
    """What is counted about one item, learner by learner."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.misconceptions: Counter[str] = Counter()
        self.points: dict[str, tuple[int, int]] = {}
        """The points and their maximum of each learner who attempted the item."""

    def item(
        self,
        results: ClassResults,
        everything: Mapping[str, Total],
        exercise: GradedExercise,
        check: Check | None = None,
    ) -> Item:
        """The figures about the item."""
        # Who handed in nothing has no outcome yet.
        missing = len(results.learners) - self.outcomes.total()
        if missing:
            self.outcomes[NOT_ATTEMPTED] += missing

        scores = {}
        rests = {}
        for learner, (points, max_points) in self.points.items():
            scores[learner] = points / max_points
            total = everything[learner]
            rest = rest_score(total, points, max_points)
            # A class with a single item has nothing to compare it with.
            if rest is not None:
                rests[learner] = rest

        difficulty = None
        if scores:
            difficulty = statistics.mean(scores.values())

        # In the same order as the rest scores.
        compared = [scores[learner] for learner in rests]
        return Item(
            exercise=exercise,
            check=check,
            learners=len(results.learners),
            outcomes=dict(self.outcomes),
            scores=scores,
            rests=rests,
            difficulty=difficulty,
            discrimination=correlation(compared, list(rests.values())),
            misconceptions=dict(self.misconceptions.most_common()),
        )


def _of_check(results: ClassResults, exercise: GradedExercise, check: Check) -> _Tally:
    tally = _Tally()
    for learner, grade in results.submitted(exercise.id):
        result = grade.check(check.name)
        # A grade from before a change of the exercise can lack the check.
        if result is None:
            continue

        tally.outcomes[result.word] += 1
        tally.misconceptions.update(_misconceptions(grade, result))
        # The points of an ungraded submission are in no total, so they cannot be compared with it.
        is_attempt = result.word not in _NO_ATTEMPT
        if is_attempt and grade.status == "graded":
            tally.points[learner] = (result.points, result.max_points)

    return tally


def _of_exercise(results: ClassResults, exercise: GradedExercise) -> _Tally:
    tally = _Tally()
    for learner, grade in results.submitted(exercise.id):
        outcome = _how_far(grade)
        tally.outcomes[outcome] += 1
        if grade.status == "graded":
            tally.points[learner] = (grade.points, grade.max_points)

        for result in grade.checks:
            tally.misconceptions.update(_misconceptions(grade, result))

    return tally


def _how_far(grade: Grade) -> str:
    """How a submission did, in words."""
    if grade.status == "ungraded":
        return Outcome.UNGRADED.value
    if grade.passed:
        return "all passed"
    if grade.points:
        return "partly passed"

    return "no points"


def _misconceptions(grade: Grade, result: CheckResult) -> Iterator[str]:
    """The names of the misconceptions behind a result; at most one."""
    if result.misconception:
        yield result.misconception

    # That of code explains the check that was missed first.
    name = grade.misconception or ""
    if grade.asked is not None or not name or name.startswith(OBSERVED):
        return

    missed = [each for each in grade.checks if each.outcome.missed]
    if result in missed[:1]:
        yield name
