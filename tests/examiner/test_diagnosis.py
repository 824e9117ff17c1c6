"""How often wrong solutions run for a diagnosis."""

import pytest

from grader.course.loading import load_exercise, wrong_solutions
from grader.course.location import default_root
from grader.examiner.diagnosis import Diagnosis
from grader.examiner.submission_run import Exchange
from grader.examiner.verdict import Verdict
from grader.grades.grade import Outcome
from grader.sandbox import wire

CHECKS = ["rows", "any_rank", "empty"]


@pytest.fixture(scope="module")
def exercise():
    return load_exercise(default_root(), "exercise1")


@pytest.fixture
def runs():
    """File of a wrong solution to the checks of each of its runs."""
    return {}


@pytest.fixture
def diagnosis(runs):
    def examine(_exercise, submission, _seed, checks):
        runs.setdefault(submission.name, []).append(list(checks))
        return {check: verdict(check) for check in checks}

    return Diagnosis(examine)


def verdict(check, outcome=Outcome.FAILED):
    """A verdict after one reply with the check's name as its value."""
    exchange = Exchange(f"{check}()", "", {}, wire.Returned(1, None), check)
    return Verdict(outcome, None, [exchange])


def submission(*missed):
    """The verdicts of a submission that fails these checks."""
    return {
        check: verdict(check, Outcome.FAILED if check in missed else Outcome.PASSED)
        for check in CHECKS
    }


def test_one_learner_waits_for_one_check(diagnosis, exercise, runs):
    """For the first submission, a wrong solution runs only on the failed check."""
    assert diagnosis.misconception(exercise, 1, submission("rows")) is None
    assert set(runs) == {f"{name}.py" for name in wrong_solutions(exercise)}
    assert all(run[0] == ["rows"] for run in runs.values())


def test_a_class_pays_once(diagnosis, exercise, runs):
    """From the second submission on, a wrong solution runs once, on all checks."""
    diagnosis.misconception(exercise, 1, submission())
    assert runs == {}
    for missed in CHECKS:
        diagnosis.misconception(exercise, 1, submission(missed))
    assert all(run == [CHECKS] for run in runs.values())


def test_another_seed_is_another_class(diagnosis, exercise, runs):
    """Verdicts of one seed are not used for another."""
    diagnosis.misconception(exercise, 1, submission("rows"))
    before = {name: len(run) for name, run in runs.items()}
    diagnosis.misconception(exercise, 2, submission("rows"))
    assert all(len(run) == 2 * before[name] for name, run in runs.items())
