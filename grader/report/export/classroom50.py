"""Classroom 50: ``result.json`` of one submission (foundation50/classroom50, "The result.json contract")."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from grader.errors import UsageError
from grader.grades.grade import Grade, Outcome, for_learner

SCHEMA: Final = "classroom50/result/v1"
_NEEDED: Final = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")


class Origin(msgspec.Struct, frozen=True):
    """Whose submission it is and where it lies, as the runner says it."""

    classroom: str
    assignment: str
    assignment_type: str
    owner: str
    submission: str
    commit: str
    release: str
    review: str


def origin_of(environment: Mapping[str, str]) -> Origin:
    """What Classroom 50's runner says in its environment; ``UsageError`` outside of it."""
    missing = [name for name in _NEEDED if not environment.get(name)]
    if missing:
        raise UsageError(
            f"--format classroom50 is for Classroom 50's runner, which sets {', '.join(_NEEDED)}; "
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set here"
        )
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


def origin_by_hand(classroom: str, assignment: str, learner: str) -> Origin:
    """The origin of what was graded in a batch: a name in place of the addresses that only the runner knows."""
    graded = f"grade-batch/{assignment}/{learner}"
    return Origin(classroom, assignment, "individual", learner, graded, graded, graded, graded)


def as_result(grade: Grade, origin: Origin, when: datetime) -> str:
    """``result.json``; hidden checks are one test, all numbers are integers."""
    grade = for_learner(grade)
    tests = [
        _test(check.name, check.points, check.max_points, passed=check.outcome is Outcome.PASSED)
        for check in grade.checks
        if check.visible
    ]
    if hidden := grade.hidden:
        points, most = (
            sum(check.points for check in hidden),
            sum(check.max_points for check in hidden),
        )
        passed = all(check.outcome is Outcome.PASSED for check in hidden)
        tests.append(_test(f"{len(hidden)} hidden", points, most, passed=passed))
    return _document(origin, when, tests)


def refusal(origin: Origin, max_points: int, when: datetime) -> str:
    """``result.json`` for a submission that could not be read at all."""
    return _document(origin, when, [_test("submission can be graded", 0, max_points, passed=False)])


def _document(origin: Origin, when: datetime, tests: list[dict[str, object]]) -> str:
    whole = {
        "schema": SCHEMA,
        **msgspec.structs.asdict(origin),
        "datetime": when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(int(str(test["score"])) for test in tests),
        "max-score": sum(int(str(test["max-score"])) for test in tests),
        "tests": tests,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def _test(name: str, score: int, max_score: int, *, passed: bool) -> dict[str, object]:
    return {"test-name": name, "passed": passed, "score": score, "max-score": max_score}
