"""What grading again has changed: the page of ``grade report --changes``."""

from collections.abc import Iterable, Iterator

from grader import text
from grader.grades.grade import CheckResult
from grader.grades.gradebook import Entry


def change_lines(histories: Iterable[list[Entry]]) -> Iterator[str]:
    """The last two grades of each history that differ, and the number of equal ones.

    Each history has at least two entries.
    """
    same = 0
    for *_, before, after in histories:
        lines = list(_check_lines(before, after))
        # Most grades of a class stay the same, so their number is enough.
        if lines:
            learner = text.one_line(after.key.learner)
            points = f"{_points(before)} → {_points(after)}"
            yield f"{learner}  {after.key.exercise}  {points}  ({_reason(before, after)})"
            yield from lines
        else:
            same += 1
    if same:
        yield f"{same} graded again with the same result"


def _check_lines(before: Entry, after: Entry) -> Iterator[str]:
    """A line for each check with another outcome or other points, and for new and removed ones."""
    old = {check.name: check for check in before.grade.checks}
    new = {check.name: check for check in after.grade.checks}
    for name in old | new:
        before_it = _outcome(old.get(name))
        after_it = _outcome(new.get(name))
        # Other points are a change of the rubric, even if the outcome is the same.
        if before_it != after_it:
            outcome, points, _ = after_it
            old_outcome, old_points, _ = before_it
            outcomes = f"{old_outcome} → {outcome}"
            yield f"    {text.one_line(name)}: {outcomes}, points {old_points} → {points}"


def _outcome(check: CheckResult | None) -> tuple[str, int, int]:
    if check is None:
        return "(none)", 0, 0
    return check.outcome.value, check.points, check.max_points


def _points(entry: Entry) -> str:
    grade = entry.grade
    if grade.status == "ungraded":
        return "not graded"
    return f"{grade.points}/{grade.max_points}"


def _reason(before: Entry, after: Entry) -> str:
    old = before.key
    new = after.key
    reasons = []
    if old.submission != new.submission:
        reasons.append("another submission")
    if old.definition != new.definition:
        reasons.append("the exercise changed")
    if old.grader != new.grader:
        reasons.append("another version or device")
    return ", ".join(reasons) or "graded again"
