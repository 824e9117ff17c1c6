"""Adding up checks: points, status, exit code."""

import pytest

from grader.results import Check, Outcome, first_missed, grade_from_checks


def check(outcome, points=0):
    return Check("value", "It holds", outcome, points, 3)


def grade(*checks):
    return grade_from_checks(list(checks), exercise="double", submission="double.py", learner="ada", seed=1)


def test_all_passed():
    """Every check passed: all points, and exit code 0."""
    result = grade(check(Outcome.PASSED, 3), check(Outcome.PASSED, 3))
    assert (result.points, result.max_points, result.passed, result.status, result.exit_code) == (
        6,
        6,
        True,
        "graded",
        0,
    )


@pytest.mark.parametrize(
    "outcome", [outcome for outcome in Outcome if outcome not in (Outcome.PASSED, Outcome.UNGRADED)]
)
def test_one_not_passed(outcome):
    """One check that did not pass, for whatever reason, is exit code 1, and the rest keeps its points."""
    result = grade(check(Outcome.PASSED, 3), check(outcome))
    assert (result.points, result.max_points, result.passed, result.status, result.exit_code) == (
        3,
        6,
        False,
        "graded",
        1,
    )


def test_ungraded():
    """One check that the grader itself failed at leaves the whole submission ungraded, exit code 3."""
    result = grade(check(Outcome.PASSED, 3), check(Outcome.UNGRADED))
    assert (result.passed, result.status, result.exit_code) == (False, "ungraded", 3)


def test_nothing_could_run():
    """Where every check was skipped nobody is graded: exit code 3, and no zero."""
    result = grade(check(Outcome.SKIPPED), check(Outcome.SKIPPED))
    assert (result.passed, result.status, result.exit_code) == (False, "ungraded", 3)


def test_first_missed():
    """Of several grades, the first that is not a pass is shown; where all are, the first."""
    passed, failed, ungraded = (grade(check(outcome)) for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.UNGRADED))
    assert first_missed([passed, failed, ungraded]) is failed
    assert first_missed([passed, ungraded, failed]) is ungraded
    assert first_missed([passed, grade(check(Outcome.PASSED))]) is passed


def test_no_checks():
    """A grade without any check never counts as passed."""
    assert not grade().passed


@pytest.mark.parametrize("outcome", Outcome)
def test_outcome_is_its_word(outcome):
    """An outcome is written as the word in the results format."""
    assert outcome == outcome.name.lower()
