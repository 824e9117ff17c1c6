"""Figures about a class: totals, distributions, missed checks and misconceptions."""

import statistics
from collections import Counter, defaultdict
from typing import Final

import msgspec

from grader.course.records import Check
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.grade import Outcome
from grader.grades.learner import Learner

BINS: Final = 10


class Total(msgspec.Struct, frozen=True):
    """The sum of one learner's grades.

    A missing submission counts as zero; an ungraded one does not count at all.
    """

    learner: Learner
    points: int
    max_points: int
    submitted: int
    ungraded: int

    @property
    def share(self) -> float:
        """Points as a share of ``max_points``, from 0 to 1."""
        if not self.max_points:
            return 0.0

        return self.points / self.max_points


class Distribution(msgspec.Struct, frozen=True):
    """The distribution of shares from 0 to 1; mean and median are None without any share."""

    count: int
    mean: float | None
    median: float | None
    bins: list[int]
    """The counts in ten bins of equal width; the last bin includes 1."""


class ExerciseStatistics(msgspec.Struct, frozen=True):
    """Figures about one exercise."""

    exercise: GradedExercise
    submitted: int
    ungraded: int
    passed: int
    """Submissions that passed every check."""
    distribution: Distribution
    """The shares of the graded submissions."""
    seconds: float | None
    """Median time of the checks."""


class CheckStatistics(msgspec.Struct, frozen=True):
    """Figures about one check."""

    exercise: GradedExercise
    check: Check
    outcomes: dict[Outcome, int]
    """Outcome to the number of submissions."""

    @property
    def decided(self) -> int:
        """Submissions that passed or missed the check: neither skipped nor ungraded."""
        skipped = self.outcomes.get(Outcome.SKIPPED, 0)
        ungraded = self.outcomes.get(Outcome.UNGRADED, 0)
        return sum(self.outcomes.values()) - skipped - ungraded

    @property
    def missed(self) -> int:
        """Submissions that did not pass the check."""
        return self.decided - self.outcomes.get(Outcome.PASSED, 0)


class Misconception(msgspec.Struct, frozen=True):
    """A misconception about one exercise, and the learners whose submissions show it."""

    exercise: str
    name: str
    explanation: str
    """As the first of the learners read it; a quiz's explanation contains their numbers."""
    learners: list[str]


def totals(results: ClassResults) -> list[Total]:
    """The total of each learner, in the order of the class."""
    return [_total(results, learner) for learner in results.learners]


def _total(results: ClassResults, learner: Learner) -> Total:
    points = 0
    max_points = 0
    submitted = 0
    ungraded = 0
    for exercise in results.exercises:
        grade = results.grade(learner.name, exercise.id)
        if grade is None or grade.is_absent:
            max_points += exercise.max_points
            continue

        submitted += 1
        if grade.status == "ungraded":
            # The grader failed, so neither the points nor the maximum may change the share.
            ungraded += 1
        else:
            points += grade.points
            max_points += grade.max_points

    return Total(
        learner=learner,
        points=points,
        max_points=max_points,
        submitted=submitted,
        ungraded=ungraded,
    )


def distribution(shares: list[float]) -> Distribution:
    """The distribution of ``shares``."""
    bins = [0] * BINS
    for share in shares:
        # 0.3 * 10 is slightly less than 3 in binary.
        place = int(share * BINS + 1e-9)
        bins[min(place, BINS - 1)] += 1

    if not shares:
        return Distribution(
            count=0,
            mean=None,
            median=None,
            bins=bins,
        )

    mean = statistics.mean(shares)
    median = statistics.median(shares)
    return Distribution(
        count=len(shares),
        mean=mean,
        median=median,
        bins=bins,
    )


def total_distribution(results: ClassResults) -> Distribution:
    """The distribution of the totals, without learners who submitted nothing."""
    shares = []
    for total in totals(results):
        if total.submitted and total.max_points:
            shares.append(total.share)

    return distribution(shares)


def exercise_statistics(results: ClassResults, exercise: GradedExercise) -> ExerciseStatistics:
    """The figures about ``exercise``."""
    submitted = 0
    graded = []
    for _, grade in results.submitted(exercise.id):
        # An ungraded submission was handed in all the same.
        submitted += 1
        if grade.status == "graded":
            graded.append(grade)

    # A grade from before a change of the exercise can have another maximum.
    shares = [grade.points / grade.max_points for grade in graded if grade.max_points]
    # The median, because one submission that runs into every timeout would change the mean.
    seconds = [grade.seconds for grade in graded]
    return ExerciseStatistics(
        exercise=exercise,
        submitted=submitted,
        ungraded=submitted - len(graded),
        passed=sum(grade.passed for grade in graded),
        distribution=distribution(shares),
        seconds=statistics.median(seconds) if seconds else None,
    )


def check_statistics(results: ClassResults, exercise: GradedExercise) -> list[CheckStatistics]:
    """The figures about each check of ``exercise``, in the order of the rubric."""
    counts: dict[str, Counter[Outcome]] = defaultdict(Counter)
    for _, grade in results.submitted(exercise.id):
        # A grade from before a change of the exercise can contain other checks.
        for result in grade.checks:
            counts[result.name][result.outcome] += 1

    return [CheckStatistics(exercise, check, counts[check.name]) for check in exercise.checks]


def misconceptions(results: ClassResults) -> list[Misconception]:
    """The misconceptions of the class, the most frequent first."""
    found: list[Misconception] = []
    for exercise in results.exercises:
        # Two exercises can have misconceptions with the same name.
        by_name: dict[str, Misconception] = {}
        for learner, grade in results.submitted(exercise.id):
            name = grade.misconception
            if not name:
                continue
            if name not in by_name:
                explanation = grade.explanation or ""
                by_name[name] = Misconception(exercise.id, name, explanation, [])

            by_name[name].learners.append(learner)

        found += by_name.values()

    # The sort is stable: equally frequent ones stay in the order of the course.
    found.sort(key=lambda each: len(each.learners), reverse=True)
    return found
