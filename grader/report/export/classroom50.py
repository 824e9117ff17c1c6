"""Classroom 50: ``result.json`` of one submission.

The format is "The result.json contract" in the wiki of foundation50/classroom50.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from grader.errors import UsageError
from grader.grades.grade import Grade, Outcome
from grader.report.failure_summary import hidden_checks
from grader.text import indented_json

SCHEMA: Final = "classroom50/result/v1"
_NEEDED: Final = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")


class Origin(msgspec.Struct, frozen=True):
    """Whose submission it is and where to find it."""

    classroom: str
    assignment: str
    assignment_type: str
    owner: str
    submission: str
    commit: str
    release: str
    review: str


class Test(
    msgspec.Struct, frozen=True, rename={"test_name": "test-name", "max_score": "max-score"}
):
    """One test of the document. All numbers are integers."""

    test_name: str
    passed: bool
    score: int
    max_score: int


def origin_of(environment: Mapping[str, str]) -> Origin:
    """The origin in the environment of Classroom 50's runner.

    Raises ``UsageError`` if a variable of the runner is missing.
    """
    # A person who tries the format at home needs to know that it works only there.
    missing = [name for name in _NEEDED if not environment.get(name)]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise UsageError(
            "--format classroom50 works in the runner of Classroom 50, which sets "
            f"{', '.join(_NEEDED)}; {', '.join(missing)} {verb} not set here"
        )

    # Optional variables may be empty instead of missing.
    return Origin(
        classroom=environment["CLASSROOM"],
        assignment=environment["ASSIGNMENT"],
        assignment_type=environment.get("ASSIGNMENT_TYPE") or "individual",
        owner=environment.get("OWNER") or environment.get("USERNAME") or "",
        submission=environment["SUBMISSION_TAG"],
        commit=environment["COMMIT_URL"],
        release=environment["RELEASE_URL"],
        review=environment.get("REVIEW_URL") or environment["COMMIT_URL"],
    )


def origin_in_batch(classroom: str, assignment: str, learner: str) -> Origin:
    """The origin of a submission that was graded outside of the runner."""
    # Only the runner knows the addresses, but the format requires them.
    graded = f"grade-batch/{assignment}/{learner}"
    return Origin(classroom, assignment, "individual", learner, graded, graded, graded, graded)


def as_result(grade: Grade, origin: Origin, when: datetime) -> str:
    """``result.json`` of a grade; all hidden checks together are one test."""
    tests = []
    for check in grade.checks:
        if check.visible:
            test = Test(
                test_name=check.name,
                passed=check.outcome is Outcome.PASSED,
                score=check.points,
                max_score=check.max_points,
            )
            tests.append(test)

    # The learner reads this file, so hidden checks appear in numbers only.
    hidden = hidden_checks(grade)
    if hidden is not None:
        test = Test(
            test_name=f"{hidden.number} hidden",
            passed=hidden.passed == hidden.number,
            score=hidden.points,
            max_score=hidden.max_points,
        )
        tests.append(test)

    return _document(origin, when, tests)


def refusal(origin: Origin, max_points: int, when: datetime) -> str:
    """``result.json`` of a submission that cannot be read."""
    name = "submission can be graded"
    return _document(origin, when, [Test(name, passed=False, score=0, max_score=max_points)])


def _document(origin: Origin, when: datetime, tests: list[Test]) -> str:
    document = {
        "schema": SCHEMA,
        **msgspec.structs.asdict(origin),
        "datetime": when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(test.score for test in tests),
        "max-score": sum(test.max_score for test in tests),
        "tests": tests,
    }
    return indented_json(document)
