"""How often wrong solutions run for a diagnosis."""

import pytest

from grader.course.loading import load_exercise, wrong_solutions
from grader.course.location import default_root
from grader.examiner.diagnosis import Diagnosis, behave_alike
from grader.examiner.submission_run import Exchange
from grader.examiner.verdict import Verdict
from grader.grades.grade import Outcome
from grader.sandbox import wire
from grader.submission.files import Submission

FILE = Submission("exercise1.py", b"")
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
        return {check: verdict(check, value=submission.name) for check in checks}

    return Diagnosis(examine)


def verdict(check, outcome=Outcome.FAILED, value="mine"):
    """A verdict after one reply with this value."""
    exchange = Exchange(f"{check}()", "", {}, wire.Returned(1, None), value)
    return Verdict(outcome, None, [exchange])


def submission(*missed):
    """The verdicts of a submission that fails these checks."""
    return {
        check: verdict(check, Outcome.FAILED if check in missed else Outcome.PASSED)
        for check in CHECKS
    }


def test_one_learner_waits_for_one_check(diagnosis, exercise, runs):
    """For the first submission, a wrong solution runs only on the failed check."""
    assert diagnosis.misconception(exercise, FILE, 1, submission("rows")) is None
    assert set(runs) == {f"{name}.py" for name in wrong_solutions(exercise)}
    assert all(run[0] == ["rows"] for run in runs.values())


def test_a_class_pays_once(diagnosis, exercise, runs):
    """From the second submission on, a wrong solution runs once, on all checks."""
    diagnosis.misconception(exercise, FILE, 1, submission())
    assert runs == {}
    for missed in CHECKS:
        diagnosis.misconception(exercise, FILE, 1, submission(missed))
    assert all(run == [CHECKS] for run in runs.values())


def test_another_seed_is_another_class(diagnosis, exercise, runs):
    """Verdicts of one seed are not used for another."""
    diagnosis.misconception(exercise, FILE, 1, submission("rows"))
    before = {name: len(run) for name, run in runs.items()}
    diagnosis.misconception(exercise, FILE, 2, submission("rows"))
    assert all(len(run) == 2 * before[name] for name, run in runs.items())


@pytest.mark.parametrize(
    ("replies", "again", "name"),
    [
        pytest.param({"columns": ["rows"]}, "columns", "columns", id="one fits"),
        pytest.param({"columns": ["rows"]}, "other", None, id="not with another seed"),
        pytest.param({"columns": ["rows", "empty"]}, "columns", None, id="it fails more"),
        pytest.param({"columns": ["rows"], "detached": ["rows"]}, "all", None, id="two fit"),
        pytest.param(
            {"columns": ["rows"], "detached": ["rows", "any_rank"]},
            "all",
            "detached",
            id="the larger",
        ),
    ],
)
def test_only_a_sure_name_is_given(exercise, replies, again, name):
    """Of several that fit, the name is the one that explains most; other inputs must agree."""

    def examine(_exercise, submission, seed, checks):
        stem = submission.name.removesuffix(".py")
        verdicts = {}
        for check in checks:
            value = "same"
            if seed != 1 and submission is FILE and again == "other":
                value = "other"
            is_missed = submission is FILE or check in replies.get(stem, [])
            outcome = Outcome.FAILED if is_missed else Outcome.PASSED
            verdicts[check] = verdict(check, outcome, value)
        return verdicts

    missed = {"rows", "any_rank"}
    mine = {
        check: verdict(check, Outcome.FAILED if check in missed else Outcome.PASSED, "same")
        for check in CHECKS
    }
    assert Diagnosis(examine).misconception(exercise, FILE, 1, mine) == name


@pytest.mark.parametrize(
    ("mine", "is_named"),
    [
        pytest.param({"rows": "same", "any_rank": "same", "empty": "other"}, True, id="one of 3"),
        pytest.param({"rows": "same", "any_rank": "other", "empty": "other"}, False, id="two of 3"),
        pytest.param({"rows": "same", "any_rank": "same", "empty": "passed"}, False, id="passed"),
        pytest.param({"rows": "same", "any_rank": "raised", "empty": "raised"}, False, id="raised"),
        pytest.param(
            {"rows": "same", "any_rank": "raised", "empty": "raised", "dtype": "raised"},
            True,
            id="raised elsewhere",
        ),
    ],
)
def test_a_second_mistake_may_change_a_few_checks(exercise, mine, is_named):
    """A misconception fits if most checks agree, and no check passes that it fails.

    If the submission also raises in a check that the misconception passes, it may raise in others.
    """
    outcomes = {"passed": Outcome.PASSED, "raised": Outcome.RAISED}
    verdicts = {
        check: verdict(check, outcomes.get(what, Outcome.FAILED), what)
        for check, what in mine.items()
    }

    def examine(_exercise, submission, _seed, checks):
        if submission is FILE:
            return {check: verdicts[check] for check in checks}
        is_wrong = submission.name == "columns.py"
        return {
            check: verdict(
                check,
                Outcome.FAILED if is_wrong and check in CHECKS else Outcome.PASSED,
                "same",
            )
            for check in checks
        }

    found = Diagnosis(examine).misconception(exercise, FILE, 1, verdicts)
    assert found == ("columns" if is_named else None)


@pytest.mark.parametrize(
    ("mine", "theirs", "is_alike"),
    [
        ("can't allocate memory: 216 bytes", "can't allocate memory: 378 bytes", True),
        ("can't allocate memory: 436 bytes", "can't allocate memory: 872 bytes", False),
        ("no row 436", "no row 468", False),
    ],
)
def test_size_of_missing_memory_may_differ(mine, theirs, is_alike):
    """Two runs of one submission can lack different amounts of memory."""
    one, other = (
        Verdict(
            Outcome.MEMORY,
            None,
            [Exchange("rows()", "", {}, wire.Raised(1, "RuntimeError", [], message, []), None)],
        )
        for message in (mine, theirs)
    )
    assert behave_alike(one, other) is is_alike
