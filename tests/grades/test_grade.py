"""Adding up checks: points, status, exit code."""

from datetime import UTC, datetime

import msgspec
import pytest

from grader.course.records import Check
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.document import to_document
from grader.grades.grade import Case, CheckError, Frame, Outcome, for_learner, grade_from_checks
from grader.grades.learner import Learner
from tests.grading import check_result


def check(outcome, points=0):
    return check_result("value", "It holds", outcome, points, 3)


def grade(*checks):
    return grade_from_checks(
        list(checks), exercise="double", submission="double.py", learner="ada", seed=1
    )


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
    """One check that did not pass gives exit code 1; the other checks keep their points."""
    result = grade(check(Outcome.PASSED, 3), check(outcome))
    assert (result.points, result.max_points, result.passed, result.status, result.exit_code) == (
        3,
        6,
        False,
        "graded",
        1,
    )


def test_ungraded():
    """One check that the grader itself failed makes the submission ungraded, exit code 3."""
    result = grade(check(Outcome.PASSED, 3), check(Outcome.UNGRADED))
    assert (result.passed, result.status, result.exit_code) == (False, "ungraded", 3)


def test_error_of_a_check_is_for_its_author():
    """The results format has no ``error``, and a learner sees no error of a hidden check."""
    hidden = check_result("value", "It doubles", Outcome.UNGRADED, 0, 3, visible=False)
    error = CheckError("TypeError", "it broke", line=7)
    result = grade(msgspec.structs.replace(hidden, error=error))
    assert "error" not in to_document(result)["checks"][0]
    assert for_learner(result).checks[0].error is None


def test_frames_are_for_this_program():
    """The results format has the lines of a traceback as text only."""
    frame = Frame("double.py", 3, function="f", text="1 / 0")
    case = Case(traceback=[frame.whole])
    check = check_result("value", "It doubles", Outcome.RAISED, 0, 3, case=case, frames=[frame])
    stored = to_document(grade(check))["checks"][0]
    assert "frames" not in stored
    assert stored["case"] == {"traceback": ["double.py line 3, in f: 1 / 0"]}


def test_nothing_could_run():
    """Where every check was skipped nobody is graded: exit code 3, and no zero."""
    result = grade(check(Outcome.SKIPPED), check(Outcome.SKIPPED))
    assert (result.passed, result.status, result.exit_code) == (False, "ungraded", 3)


def test_no_checks():
    """A grade without any check never counts as passed."""
    assert not grade().passed


def test_missed():
    """A check is missed unless it passed or could not run here."""
    assert {outcome for outcome in Outcome if not outcome.missed} == {
        Outcome.PASSED,
        Outcome.SKIPPED,
    }


@pytest.mark.parametrize("outcome", Outcome)
def test_outcome_is_its_word(outcome):
    """An outcome is written as the word in the results format."""
    assert outcome == outcome.name.lower()


def class_results(*grades):
    by_learner = {}
    for graded in grades:
        by_learner.setdefault(graded.learner, {})[graded.exercise] = graded
    return ClassResults(
        title="spring",
        exercises=[
            GradedExercise(
                "double",
                "Twice",
                [Check("a", "A", 2), Check("b", "B", 1, visible=False)],
            )
        ],
        learners=[Learner("ada"), Learner("bob", ["4711", "bob@example.org"])],
        grades=by_learner,
        graded_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        seconds=12.5,
    )


def test_class_knows_who_handed_in_nothing():
    """A grade that is absent is None, for a learner without any as for one of another exercise."""
    results = class_results(grade(check(Outcome.PASSED, 3)))
    assert results.grade("ada", "double").points == 3
    assert results.grade("ada", "other") is results.grade("bob", "double") is None
    assert results.exercises[0].max_points == 3


def test_class_names_missing_layers():
    """A sandbox layer counts as missing if it was missing for any submission."""
    held = msgspec.structs.replace(grade(), isolation={"files": "Landlock", "network": "seccomp"})
    open_ = msgspec.structs.replace(
        grade(), learner="bob", isolation={"files": None, "network": "seccomp"}
    )
    assert class_results(held, open_).missing_layers == ["files"]
    assert class_results(held).missing_layers == []


def test_class_is_plain_data():
    """A class goes through JSON and back unchanged."""
    results = class_results(grade(check(Outcome.FAILED)))
    assert msgspec.json.decode(msgspec.json.encode(results), type=ClassResults) == results
