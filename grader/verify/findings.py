"""Findings and facts that several steps of a verification share."""

import shlex
from pathlib import Path
from typing import Final

import msgspec

from grader.course.location import default_root
from grader.course.records import Exercise
from grader.errors import CourseError, GraderError
from grader.files import from_here
from grader.grades.grade import CheckResult, Grade
from grader.verify.records import Finding, Rule

LEARNER: Final = "verify"
"""The learner whose submissions a verification grades, and whose quiz numbers it draws."""

_ANY_VALUE: Final = (
    "A submission may return anything: let an assert_… accept a value before you use it."
)
_OF_THE_CHECK: Final = ("NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError")


def missed(grade: Grade) -> list[CheckResult]:
    """The checks that ran and did not pass."""
    return [check for check in grade.checks if check.outcome.missed]


def broken_check(exercise: Exercise, grade: Grade, submission: str) -> Finding | None:
    """The first check that raised an error of its own instead of judging ``submission``."""
    for check in grade.checks:
        error = check.error
        if error is None:
            continue

        place = f"solutions/{exercise.id}/checks.py"
        if error.line is not None:
            place = f"{place} line {error.line}"

        reason = f"{error.kind}: {error.message}"
        advice = _ANY_VALUE
        # These come from the check itself, whatever a submission returns.
        if submission == "solution.py" or error.kind in _OF_THE_CHECK:
            advice = "Fix that line of the check."

        problem = f"`test_{check.name}` breaks on {submission} instead of judging it: {reason}"
        return Finding(Rule.CHECKS, place, problem, advice)

    return None


def from_errors(rule: Rule, error: GraderError) -> list[Finding]:
    """An error as a finding; more of them if it stands for several."""
    also = error.also if isinstance(error, CourseError) else ()
    return [_from_error(rule, each) for each in (error, *also)]


def _from_error(rule: Rule, error: GraderError) -> Finding:
    place = error.place
    if error.line is not None:
        place = f"{place} line {error.line}"

    return Finding(rule, place, error.problem, error.advice or "Fix it.")


def grade_command(exercise: Exercise, place: str, seed: int) -> str:
    """The command that grades a file of the course with ``seed``, as typed in this folder."""
    root = Path(exercise.root)
    words = ["grade", exercise.id, from_here(root / place)]

    # The command finds its own course without a name.
    if root != default_root():
        words += ["--course", from_here(root)]

    return shlex.join([*words, "--seed", str(seed)])


def without_times(grade: Grade) -> Grade:
    """``grade`` without the times, which differ from run to run."""
    replace = msgspec.structs.replace
    checks = [replace(check, seconds=0.0) for check in grade.checks]
    return replace(grade, seconds=0.0, checks=checks)
