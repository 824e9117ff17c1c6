"""A class in numbers: totals, how they spread, which checks were missed and which mistakes explain it."""

from collections import Counter
from collections.abc import Iterator
from statistics import mean, median
from typing import Final

import msgspec

from grader.course.records import Check
from grader.grades.class_results import ClassResults, GradedExercise, Learner
from grader.grades.grade import CheckResult, Grade, Outcome

BINS: Final = 10


class Total(msgspec.Struct, frozen=True):
    """All of one learner: what was handed in counts, what was not is zero, what we could not grade counts nowhere."""

    learner: Learner
    points: int
    max_points: int
    handed_in: int
    ungraded: int

    @property
    def share(self) -> float:
        """Points of those that could be had, from 0 to 1."""
        return self.points / self.max_points if self.max_points else 0.0


class Spread(msgspec.Struct, frozen=True):
    """How shares from 0 to 1 are spread; the figures are None where there are none."""

    count: int
    mean: float | None
    median: float | None
    bins: list[int]
    """Ten of them, a tenth each; the last one holds 1 too."""


class ExerciseStatistics(msgspec.Struct, frozen=True):
    """One exercise over the class."""

    exercise: GradedExercise
    handed_in: int
    ungraded: int
    passed: int
    """Submissions in which every check passed."""
    spread: Spread
    seconds: float | None
    """Median time of its checks."""


class CheckStatistics(msgspec.Struct, frozen=True):
    """One check over the class."""

    exercise: GradedExercise
    check: Check
    outcomes: dict[Outcome, int]

    @property
    def judged(self) -> int:
        """Submissions that it was decided for: neither skipped nor ungraded."""
        return sum(self.outcomes.values()) - sum(
            self.outcomes.get(outcome, 0) for outcome in (Outcome.SKIPPED, Outcome.UNGRADED)
        )

    @property
    def missed(self) -> int:
        """Submissions that did not pass it."""
        return self.judged - self.outcomes.get(Outcome.PASSED, 0)


class Misconception(msgspec.Struct, frozen=True):
    """A known mistake of one exercise, and everyone whose submission behaves like it."""

    exercise: str
    name: str
    explanation: str
    """As it was put to the first of them; a quiz's has the numbers of that learner."""
    learners: list[str]


def is_missed(check: CheckResult) -> bool:
    """Whether a check counts against a learner."""
    return check.outcome.missed and check.outcome is not Outcome.UNGRADED


def totals(results: ClassResults) -> list[Total]:
    """One for each learner, in the order of the class."""
    return [_total(results, learner) for learner in results.learners]


def spread(shares: list[float]) -> Spread:
    """Count, mean, median and tenths of ``shares``."""
    bins = [0] * BINS
    for share in shares:
        bins[min(int(share * BINS + 1e-9), BINS - 1)] += 1
    return Spread(
        len(shares), mean(shares) if shares else None, median(shares) if shares else None, bins
    )


def class_spread(results: ClassResults) -> Spread:
    """How the totals of those who handed in anything are spread."""
    return spread(
        [total.share for total in totals(results) if total.handed_in and total.max_points]
    )


def exercise_statistics(results: ClassResults, exercise: GradedExercise) -> ExerciseStatistics:
    """One exercise over the class; its spread is that of the graded submissions."""
    grades = [grade for _, grade in _handed_in(results, exercise.id)]
    graded = [grade for grade in grades if grade.status == "graded"]
    return ExerciseStatistics(
        exercise=exercise,
        handed_in=len(grades),
        ungraded=len(grades) - len(graded),
        passed=sum(grade.passed for grade in graded),
        spread=spread([grade.points / grade.max_points for grade in graded if grade.max_points]),
        seconds=median(grade.seconds for grade in graded) if graded else None,
    )


def check_statistics(results: ClassResults, exercise: GradedExercise) -> list[CheckStatistics]:
    """Each check of ``exercise`` over the class, in the order of the rubric."""
    counts: dict[str, Counter[Outcome]] = {check.name: Counter() for check in exercise.checks}
    for _, grade in _handed_in(results, exercise.id):
        for check in grade.checks:
            if check.name in counts:
                counts[check.name][check.outcome] += 1
    return [CheckStatistics(exercise, check, dict(counts[check.name])) for check in exercise.checks]


def misconceptions(results: ClassResults) -> list[Misconception]:
    """Known mistakes, the one that most learners hold first."""
    found: dict[tuple[str, str], Misconception] = {}
    for exercise in results.exercises:
        for learner, grade in _handed_in(results, exercise.id):
            if grade.misconception:
                key = (exercise.id, grade.misconception)
                mistake = found.setdefault(key, Misconception(*key, grade.explanation or "", []))
                mistake.learners.append(learner)
    return sorted(found.values(), key=lambda mistake: -len(mistake.learners))


def unexplained(results: ClassResults) -> int:
    """Graded submissions that missed something and behave like no known mistake."""
    return sum(
        grade.status == "graded" and not grade.misconception and any(map(is_missed, grade.checks))
        for exercise in results.exercises
        for _, grade in _handed_in(results, exercise.id)
    )


def _total(results: ClassResults, learner: Learner) -> Total:
    points = max_points = handed_in = ungraded = 0
    for exercise in results.exercises:
        grade = results.grade(learner.name, exercise.id)
        handed_in += grade is not None
        if grade is not None and grade.status == "ungraded":
            ungraded += 1
            continue
        points += grade.points if grade else 0
        max_points += grade.max_points if grade else exercise.max_points
    return Total(learner, points, max_points, handed_in, ungraded)


def _handed_in(results: ClassResults, exercise: str) -> Iterator[tuple[str, Grade]]:
    # By the class's own name for a learner: a quiz's grade has the name its numbers were drawn for.
    for learner in results.learners:
        grade = results.grade(learner.name, exercise)
        if grade is not None:
            yield learner.name, grade
