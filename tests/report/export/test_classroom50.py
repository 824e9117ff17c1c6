"""Classroom 50: ``result.json`` follows its contract."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Literal

import msgspec
import pytest

from grader.errors import UsageError
from grader.grades.grade import Outcome, grade_from_checks
from grader.report.export import classroom50
from tests.grading import SMALL_COURSE, check_result

Url = Annotated[str, msgspec.Meta(min_length=1)]
Instant = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
RUNNER = {
    "CLASSROOM": "embeddings",
    "ASSIGNMENT": "double",
    "ASSIGNMENT_TYPE": "individual",
    "OWNER": "ada",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://example.org/commit/1",
    "RELEASE_URL": "https://example.org/release/1",
}


class Test(
    msgspec.Struct,
    rename={"test_name": "test-name", "max_score": "max-score"},
    forbid_unknown_fields=True,
):
    """A test in the format of foundation50/classroom50, wiki page "Advanced Autograding"."""

    test_name: Url
    passed: bool
    score: int
    max_score: int
    __test__ = False


class Result(msgspec.Struct, rename={"max_score": "max-score"}, forbid_unknown_fields=True):
    """The whole document."""

    schema: Literal["classroom50/result/v1"]
    classroom: Url
    assignment: Url
    assignment_type: Literal["individual", "group", "team"]
    owner: Url
    submission: Url
    commit: Url
    release: Url
    review: Url
    datetime: Instant
    score: int
    max_score: int
    tests: list[Test]


def checked(text):
    """Parse ``text`` as score collection does: known keys, totals that are sums."""
    result = msgspec.json.decode(text, type=Result)
    assert result.score == sum(test.score for test in result.tests)
    assert result.max_score == sum(test.max_score for test in result.tests)
    return result


def test_result_of_a_grade():
    """Every visible check is a test, the hidden ones are one test, and the time is in UTC."""
    graded = grade_from_checks(
        [
            check_result("a", "A", Outcome.PASSED, 2, 2),
            check_result("b", "B", Outcome.FAILED, 0, 1),
            check_result("c", "SECRET", Outcome.PASSED, 3, 3, visible=False),
        ],
        exercise="double",
        submission="double.py",
        learner="ada",
        seed=1,
    )
    when = datetime(2026, 6, 1, 16, 32, 1, tzinfo=timezone(timedelta(hours=2)))
    text = classroom50.as_result(graded, classroom50.origin_of(RUNNER), when)
    result = checked(text)
    assert "SECRET" not in text
    assert (result.score, result.max_score, result.datetime) == (5, 6, "2026-06-01T14:32:01Z")
    assert [(test.test_name, test.passed) for test in result.tests] == [
        ("a", True),
        ("b", False),
        ("1 hidden", True),
    ]
    assert (result.owner, result.review) == ("ada", RUNNER["COMMIT_URL"])


def test_outside_of_the_runner():
    """Outside of the runner, the command says which variables are missing."""
    with pytest.raises(
        UsageError,
        match="CLASSROOM, ASSIGNMENT, SUBMISSION_TAG, COMMIT_URL, RELEASE_URL are not set",
    ):
        classroom50.origin_of({})
    with pytest.raises(UsageError, match="; COMMIT_URL is not set here"):
        classroom50.origin_of(RUNNER | {"COMMIT_URL": ""})


def test_by_hand():
    """A grade from a batch has an origin of its own, and is valid."""
    graded = grade_from_checks([], exercise="e", submission="x", learner="ada", seed=1)
    origin = classroom50.origin_in_batch("embeddings", "e", "ada")
    assert checked(classroom50.as_result(graded, origin, datetime.now(UTC))).owner == "ada"


@pytest.mark.parametrize(
    ("files", "score"), [({}, 0), ({"double.py": "def double(x):\n    return x * 2\n"}, None)]
)
def test_command_in_the_runner(tmp_path, files, score, run_here):
    """In the runner, the command writes a valid result, also without a submission."""
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    words = (
        "double",
        ".",
        "--format",
        "classroom50",
        "--output",
        "result.json",
        "--course",
        str(SMALL_COURSE),
    )
    done = run_here(*words, folder=tmp_path, **RUNNER)
    assert done.returncode in (0, 1), done.stderr
    result = checked((tmp_path / "result.json").read_bytes())
    assert result.max_score == 5
    assert (result.score == 0) is (score == 0)
    assert json.loads((tmp_path / "result.json").read_text())["classroom"] == "embeddings"
