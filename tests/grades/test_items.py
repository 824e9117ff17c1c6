"""Item statistics, warning signs and groups of equal behavior, each against another computation."""

import math
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from grader.course.records import Check
from grader.grades.behavior import behaviors, forms
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.grade import Case, CheckResult, Outcome, grade_from_checks
from grader.grades.items import correlation, items
from grader.grades.learner import Learner
from grader.grades.warning_signs import Kind, warning_signs
from tests.report.classes import make_class

CHECKS = [Check("a", "A", 3), Check("b", "B", 1), Check("c", "C", 2)]


def wrong(check, message="Your result differs.", **facts):
    return CheckResult(check, Outcome.FAILED, 0, message, **facts)


def right(check):
    return CheckResult(check, Outcome.PASSED, check.points)


def graded(results, exercise="one", *, quiz=False, file="one.py", misconception=None):
    return grade_from_checks(
        results,
        exercise=exercise,
        submission=file,
        learner="ada",
        seed=1,
        misconception=misconception,
        asked="ada" if quiz else None,
    )


def class_of(*grades, exercises=("one",), checks=CHECKS):
    """A class in which each learner has one list of grades."""
    by_learner = {
        f"l{number:02}": {grade.exercise: grade for grade in own}
        for number, own in enumerate(grades)
    }
    return ClassResults(
        title="spring",
        exercises=[GradedExercise(name, name.title(), list(checks)) for name in exercises],
        learners=[Learner(name) for name in by_learner],
        grades=by_learner,
        graded_at=datetime(2026, 1, 2, tzinfo=UTC),
        seconds=1.0,
    )


def test_figures_agree_with_numpy():
    """Difficulty and discrimination of 24 checks and 3 exercises are those that numpy computes."""
    results = make_class(60, 3, 8, seed=4)
    names = [learner.name for learner in results.learners]
    possible = {exercise.id: exercise.max_points for exercise in results.exercises}
    compared = 0
    for item in items(results):
        scores, rests, outcomes = [], [], 0
        for name in names:
            grades = results.grades[name]
            own = grades.get(item.exercise.id)
            if own is None:
                continue
            outcomes += 1
            if item.check is None:
                points, most, counts = own.points, own.max_points, own.status == "graded"
            else:
                [one] = [each for each in own.checks if each.name == item.check.name]
                points, most = one.points, one.max_points
                counts = own.status == "graded" and one.outcome is not Outcome.SKIPPED
            if not counts:
                continue
            others = {
                name: grade.points for name, grade in grades.items() if grade.status == "graded"
            }
            # What was not handed in is worth zero of its points; ungraded work is left out.
            whole = sum(
                points
                for name, points in possible.items()
                if name not in grades or grades[name].status == "graded"
            )
            scores.append(points / most)
            rests.append((sum(others.values()) - points) / (whole - most))
        found = item.discrimination
        expected = np.corrcoef(scores, rests)[0, 1]
        assert item.difficulty == pytest.approx(np.mean(scores))
        assert found.value == pytest.approx(expected)
        assert (found.number, item.attempted) == (len(scores), len(scores))
        assert sum(item.outcomes.values()) == item.learners == 60
        assert item.outcomes.get("not attempted", 0) == 60 - outcomes
        compared += 1
    assert compared == 27


def test_standard_error_is_that_of_a_t_test():
    """A point-biserial r divided by its error is Student's t of those who passed and the others."""
    draw = np.random.default_rng(5)
    passed = draw.integers(0, 2, 40)
    rest = draw.normal(passed * 0.4, 1.0)
    found = correlation(passed.tolist(), rest.tolist())
    one, other = rest[passed == 1], rest[passed == 0]
    pooled = ((len(one) - 1) * one.var(ddof=1) + (len(other) - 1) * other.var(ddof=1)) / 38
    t = (one.mean() - other.mean()) / math.sqrt(pooled * (1 / len(one) + 1 / len(other)))
    assert found.value / found.error == pytest.approx(t)


@pytest.mark.parametrize("pairs", [[], [(0, 1), (1, 2)], [(1, 0), (1, 1), (1, 2), (1, 3)]])
def test_no_correlation(pairs):
    """Two pairs, or equal scores of everybody, give no correlation instead of an error."""
    assert correlation([one for one, _ in pairs], [other for _, other in pairs]) is None


def test_only_attempts_count():
    """Open questions and checks that need another one say nothing about what learners can do."""
    a, b, c = CHECKS
    results = class_of(
        [graded([right(a), wrong(b, answer="open"), wrong(c, needed="a")])],
        [graded([right(a), right(b), wrong(c)])],
        [],
    )
    whole, *found = items(results)
    assert [item.outcomes for item in found] == [
        {"passed": 2, "not attempted": 1},
        {"open": 1, "passed": 1, "not attempted": 1},
        {"not counted": 1, "failed": 1, "not attempted": 1},
    ]
    assert [item.difficulty for item in found] == [1.0, 1.0, 0.0]
    assert whole.outcomes == {"partly passed": 2, "not attempted": 1}
    assert whole.difficulty == pytest.approx((3 / 6 + 4 / 6) / 2)


def signs(results):
    return {
        (sign.kind, *sign.checks): sign.sentence for sign in warning_signs(results, items(results))
    }


def test_signs():
    """Each sign is found where it was planted, and nowhere else."""
    a, b, c = CHECKS
    strong = [graded([right(a), wrong(b), right(c)]), graded([right(a), right(b), right(c)], "two")]
    weak = [graded([right(a), right(b), wrong(c)]), graded([wrong(a), right(b), wrong(c)], "two")]
    found = signs(class_of(*[strong] * 8, *[weak] * 7, exercises=("one", "two")))
    assert found.keys() == {
        (Kind.NOBODY_FAILS, "a"),
        (Kind.STRONG_FAIL, "b"),
        (Kind.NOBODY_FAILS, "b"),
        (Kind.FAIL_TOGETHER, "a", "c"),
    }
    assert found[Kind.STRONG_FAIL, "b"].startswith("one/b: learners who did well")
    assert "one/a: all 15 learners" in found[Kind.NOBODY_FAILS, "a"]
    assert found[Kind.FAIL_TOGETHER, "a", "c"] == (
        "two: a and c always fail together (7 learners), so they may test the same thing."
    )
    # So few learners show nothing.
    assert signs(class_of(*[strong] * 5, *[weak] * 4, exercises=("one", "two"))) == {}


def test_easy_checks_are_one_sign():
    """The checks of an exercise that everybody passed are one sentence, not one each."""
    a, b, c = CHECKS
    easy = [graded([right(a), right(b), wrong(c)])]
    other = [graded([right(a), right(b), right(c)])]
    found = signs(class_of(*[easy] * 5, *[other] * 5))
    sentence = found[Kind.NOBODY_FAILS, "a", "b"]
    assert sentence.startswith("one: all 10 learners who attempted them passed a, b, so these")


def test_key_that_may_be_wrong():
    """If strong learners agree on another answer than the key, the key may be wrong."""
    a, b, c = CHECKS

    def learner(number, *, popular, strong):
        numbers = {"num": number + 5, "dim": number + 3}
        answer = f"({number + 3}, {number + 5})"
        first = wrong(a, given=answer, numbers=numbers) if popular else right(a)
        rest = [right(b), right(c)] if strong else [wrong(b), wrong(c)]
        return [graded([first, *rest], quiz=True)]

    strong = [learner(number, popular=True, strong=True) for number in range(9)]
    weak = [learner(number, popular=False, strong=False) for number in range(4)]
    found = signs(class_of(*strong, *weak))
    assert found[Kind.KEY, "a"] == (
        "one/a: its key may be wrong. 9 of 13 learners answered (dim, num), and 4 gave the key; "
        "the former have 100 % of all other points, the latter 0 %."
    )
    # The answer is as popular, but those who know the rest give the key: a misconception.
    weak = [learner(number, popular=True, strong=False) for number in range(9)]
    strong = [learner(number, popular=False, strong=True) for number in range(4)]
    assert (Kind.KEY, "a") not in signs(class_of(*strong, *weak))


def test_equal_behavior_of_code():
    """Code is grouped by what it does: not by the name of its file, nor by where a line stands."""
    a, b, c = CHECKS

    def case(returned, line):
        return Case(call="f(x)", returned=returned, traceback=[f"line {line}"])

    results = class_of(
        [graded([wrong(a, "one.py does not return.", case=case("1", 3)), right(b), right(c)])],
        [
            graded(
                [wrong(a, "x.ipynb does not return.", case=case("1", 9)), right(b), right(c)],
                file="x.ipynb",
                misconception="observed_zeros",
            )
        ],
        [graded([wrong(a, "one.py does not return.", case=case("2", 3)), right(b), right(c)])],
        [graded([wrong(a, "one.py does not return.", case=case("1", 3)), wrong(b), right(c)])],
        [graded([wrong(a, "one.py does not return."), wrong(b), right(c)], misconception="named")],
        [graded([right(a), right(b), right(c)])],
    )
    groups = behaviors(results)
    assert [group.learners for group in groups] == [["l00", "l01"], ["l02"], ["l03"]]
    assert {group.what for group in groups} == {"the file does not return."}
    assert len({group.id for group in groups}) == 3
    # Whoever else is in the class, a group keeps its id.
    alone = msgspec.structs.replace(results, learners=results.learners[:1])
    assert [group.id for group in behaviors(alone)] == [groups[0].id]


def test_equal_answers_with_different_numbers():
    """Wrong answers are grouped by what they are in the drawn numbers of each learner."""
    a, b, c = CHECKS
    answers = [
        ("(3, 5)", {"num": 5, "dim": 3}, ""),
        ("(4, 9)", {"num": 9, "dim": 4}, ""),
        ("(7, 2)", {"num": 2, "dim": 7}, "known"),
        ("15", {"num": 5, "dim": 3}, ""),
        ("36", {"num": 9, "dim": 4}, ""),
        ("8", {"num": 6, "dim": 2}, ""),
    ]
    results = class_of(
        *(
            [
                graded(
                    [
                        wrong(a, given=given, numbers=numbers, misconception=name),
                        right(b),
                        right(c),
                    ],
                    quiz=True,
                    misconception=name or None,
                )
            ]
            for given, numbers, name in answers
        )
    )
    groups = behaviors(results)
    assert [(group.what, group.learners) for group in groups] == [
        ("num * dim", ["l03", "l04"]),
        ("(dim, num)", ["l00", "l01"]),
        ("num + dim", ["l05"]),
    ]
    whole, item, *_ = items(results)
    assert item.misconceptions == whole.misconceptions == {"known": 1}


def test_forms():
    """Only whole numbers have names; braces, fractions and words stay."""
    assert forms("{0.25, x5} 5", {"n": 5}) == {"{0.25, x5} 5", "{0.25, x5} n"}
    assert len(forms("(" + "1, " * 30 + ")", {"a": 1, "b": 2})) <= 200
