"""Gradescope: ``results.json``, and the zip of an autograder that writes it.

The format is that of gradescope/autograder_samples, ``docs/specs.md``.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from grader import text
from grader.course.records import Exercise
from grader.grades.counted import Counted
from grader.grades.grade import CheckResult, Grade, Outcome, for_learner
from grader.report.failure_summary import (
    NOTES,
    WHY,
    HiddenChecks,
    facts,
    hidden_checks,
)

_COMMON: Final = {"name_format": "text", "output_format": "text", "visibility": "visible"}
"""Keys that every test has. One test that is not visible would make Gradescope hide the total."""


def as_results(grade: Grade, counted: Counted | None = None, comments: Sequence[str] = ()) -> str:
    """``results.json`` for one submission; all hidden checks together are one test.

    With an assignment, ``score`` is what counts, and replaces the sum of the tests, which
    keep the points of their checks. ``comments`` are those of the instructor.

    Don't call this for a grade of status ``ungraded``: the format has no way to say that the
    grader failed, so the learner would get a zero.
    """
    grade = for_learner(grade)
    tests = [_check_test(check) for check in grade.checks if check.visible]
    hidden = hidden_checks(grade)
    if hidden is not None:
        tests.append(_hidden_test(hidden))

    # Gradescope stores these data with the results.
    extra_data = {
        "exercise": grade.exercise,
        "submission": grade.submission,
        "seed": grade.seed,
        "misconception": grade.misconception,
        "isolation": grade.isolation,
        "weak_isolation": grade.weak_isolation,
    }
    parts = [_output(grade)]
    parts += [text.lines(comment) for comment in comments]
    score = {}
    if counted is not None and counted.points is not None:
        score["score"] = counted.points
        extra_data["counted"] = msgspec.to_builtins(counted)
        points = f"{counted.points:g} of {counted.possible:g} points count"
        assignment = text.one_line(counted.assignment)
        parts.insert(0, f"{points} in {assignment}: {counted.reason}.")

    output = "\n\n".join(filter(None, parts))
    document = _document(tests, output, round(grade.seconds, 3), extra_data)
    return text.indented_json(document | score)


def refusal(exercise: Exercise, message: str) -> str:
    """``results.json`` for a submission that cannot be read: no points, and the reason."""
    # The format has no place for an error, so the refusal is a failed test.
    test = {
        "name": f"A submission for {exercise.id} that can be graded",
        "score": 0,
        "max_score": exercise.spec.max_points,
        "status": "failed",
        "output": text.lines(message),
    }
    document = _document([test], "", 0, {"exercise": exercise.id})
    return text.indented_json(document)


def _check_test(check: CheckResult) -> dict[str, Any]:
    parts = [text.lines(check.message, 8000, 120)]
    if check.case is not None:
        rows = []
        for label, value in facts(check.case):
            # The columns of a tensor line up only if its first row begins a line.
            separator = "\n" if "\n" in value else " "
            rows.append(f"{label}{separator}{value}")

        parts.append(text.lines("\n".join(rows), 8000, 120))

    test = {
        "name": text.one_line(check.title),
        "score": check.points,
        "max_score": check.max_points,
        "output": "\n\n".join(part for part in parts if part),
        "extra_data": {"check": check.name, "outcome": check.outcome.value},
    }
    # A skipped check neither passed nor failed.
    if check.outcome is not Outcome.SKIPPED:
        test["status"] = _status(passed=check.outcome is Outcome.PASSED)

    return test


def _hidden_test(hidden: HiddenChecks) -> dict[str, Any]:
    return {
        "name": text.count(hidden.number, "hidden check"),
        "score": hidden.points,
        "max_score": hidden.max_points,
        "output": hidden.sentence,
        "status": _status(passed=hidden.points == hidden.max_points),
    }


def _status(*, passed: bool) -> str:
    if passed:
        return "passed"
    return "failed"


def _output(grade: Grade) -> str:
    """The text above the tests."""
    parts = [grade.file_note]
    # A test has no room for text that concerns the whole submission.
    if grade.explanation:
        parts.append(f"{WHY} {grade.explanation}")

    if grade.notes:
        parts.append("\n".join([f"{NOTES}:\n", *grade.notes]))

    if grade.stdout.strip():
        parts.append(f"Your code printed:\n\n{grade.stdout}")

    return "\n\n".join(text.lines(part, 8000, 60) for part in parts if part)


def _document(
    tests: list[dict[str, Any]], output: str, seconds: float, extra_data: dict[str, Any]
) -> dict[str, Any]:
    numbered = []
    for number, test in enumerate(tests, 1):
        numbered.append({**test, **_COMMON, "number": str(number)})

    return {
        "output": output,
        "output_format": "text",
        "visibility": "visible",
        # Standard output of the autograder is the grader's, for the instructor.
        "stdout_visibility": "hidden",
        "execution_time": seconds,
        "extra_data": extra_data,
        "tests": numbered,
    }
