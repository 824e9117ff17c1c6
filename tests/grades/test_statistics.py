"""A class in numbers: totals, spread, misses and misconceptions, counted by hand."""

from datetime import UTC, datetime

import pytest

from grader.course.records import Check
from grader.grades import statistics
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.grade import Outcome, grade_from_checks
from grader.grades.learner import Learner
from tests.grading import check_result

PLAN = [
    GradedExercise("one", "One", [Check("a", "A", 3), Check("b", "B", 1)]),
    GradedExercise("two", "Two", [Check("c", "C", 4)]),
]


def graded(exercise, *outcomes, learner="ada", misconception=None):
    planned = next(plan for plan in PLAN if plan.id == exercise)
    checks = [
        check_result(
            check.name,
            check.title,
            outcome,
            check.points * (outcome is Outcome.PASSED),
            check.points,
        )
        for check, outcome in zip(planned.checks, outcomes, strict=True)
    ]
    return grade_from_checks(
        checks,
        exercise=exercise,
        submission="x.py",
        learner=learner,
        seed=1,
        seconds=2.0,
        misconception=misconception,
    )


P, F, R, U, S = Outcome.PASSED, Outcome.FAILED, Outcome.RAISED, Outcome.UNGRADED, Outcome.SKIPPED
RESULTS = ClassResults(
    title="spring",
    exercises=PLAN,
    learners=[Learner(name) for name in ("ada", "bob", "cy", "dan")],
    grades={
        "ada": {"one": graded("one", P, P), "two": graded("two", P)},
        # The quiz was written for another name: the class's own name counts.
        "bob": {"one": graded("one", P, F, learner="somebody", misconception="m")},
        "cy": {"one": graded("one", R, R, misconception="m"), "two": graded("two", U)},
    },
    graded_at=datetime(2026, 1, 2, tzinfo=UTC),
    seconds=1.0,
)


def test_totals():
    """What was not handed in counts zero; what we could not grade counts nowhere."""
    found = [
        (total.points, total.max_points, total.submitted, total.ungraded)
        for total in statistics.totals(RESULTS)
    ]
    assert found == [(8, 8, 2, 0), (3, 8, 1, 0), (0, 4, 2, 1), (0, 8, 0, 0)]


def test_spread_of_the_class():
    """Learners who handed in nothing are left out of mean, median and tenths."""
    found = statistics.total_distribution(RESULTS)
    assert (found.count, found.mean, found.median) == (3, pytest.approx((1 + 3 / 8) / 3), 3 / 8)
    assert found.bins == [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("share", "place"), [(0, 0), (0.099, 0), (0.1, 1), (0.3, 3), (0.7, 7), (0.999, 9), (1, 9)]
)
def test_tenths(share, place):
    """A tenth begins where it says, also where binary fractions fall short of it."""
    assert statistics.distribution([share]).bins[place] == 1


def test_spread_of_nothing():
    """Without any share there is no mean and no median."""
    assert statistics.distribution([]) == statistics.Distribution(0, None, None, [0] * 10)


def test_exercises():
    """Per exercise: handed in, ungraded, all passed, and the spread of the graded ones."""
    one, two = (statistics.exercise_statistics(RESULTS, exercise) for exercise in PLAN)
    assert (one.submitted, one.ungraded, one.passed, one.distribution.median, one.seconds) == (
        3,
        0,
        1,
        0.75,
        2.0,
    )
    assert (two.submitted, two.ungraded, two.passed, two.distribution.mean) == (2, 1, 1, 1.0)


def test_checks():
    """A check is missed by whoever did not pass it, and judged only where it was decided."""
    a, b = statistics.check_statistics(RESULTS, PLAN[0])
    (c,) = statistics.check_statistics(RESULTS, PLAN[1])
    assert [(figure.missed, figure.decided) for figure in (a, b, c)] == [(1, 3), (2, 3), (0, 1)]
    assert b.outcomes == {P: 1, F: 1, R: 1}
    skipped = statistics.CheckStatistics(PLAN[0], PLAN[0].checks[0], {S: 2, P: 1})
    assert (skipped.missed, skipped.decided) == (0, 1)


def test_misconceptions_by_the_class_s_own_names():
    """Whoever holds a misconception is named as the class names them."""
    (found,) = statistics.misconceptions(RESULTS)
    assert (found.exercise, found.name, found.learners) == ("one", "m", ["bob", "cy"])
