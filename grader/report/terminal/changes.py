"""What grading again has changed: before and after, side by side."""

from collections.abc import Iterable, Iterator

from grader import text
from grader.grades.gradebook import Entry


def change_lines(histories: Iterable[list[Entry]]) -> Iterator[str]:
    """For each history of more than one grade, its last two; where nothing changed, their number only."""
    same = 0
    for *_, before, after in histories:
        if lines := list(_changes(before, after)):
            points = f"{_points(before)} → {_points(after)}"
            yield f"{text.one_line(after.key.learner)}  {after.key.exercise}  {points}  ({_why(before, after)})"
            yield from lines
        else:
            same += 1
    if same:
        yield f"{same} graded again with the same outcome"


def _changes(before: Entry, after: Entry) -> Iterator[str]:
    """A line for each check that ended otherwise, is new, or is gone."""
    old = {check.name: check for check in before.grade.checks}
    new = {check.name: check for check in after.grade.checks}
    for name in [*old, *(name for name in new if name not in old)]:
        was, now = old.get(name), new.get(name)
        words = (was.outcome.value if was else "(none)", now.outcome.value if now else "(none)")
        if words[0] != words[1] or (was and now and was.max_points != now.max_points):
            points = f"{was.points if was else 0} → {now.points if now else 0}"
            yield f"    {text.one_line(name)}: {words[0]} → {words[1]}, points {points}"


def _points(entry: Entry) -> str:
    grade = entry.grade
    return "ungraded" if grade.status == "ungraded" else f"{grade.points}/{grade.max_points}"


def _why(before: Entry, after: Entry) -> str:
    """What is not as it was."""
    fields = {
        "submission": "another submission",
        "definition": "the exercise was changed",
        "grader": "another version or device",
    }
    reasons = [
        reason
        for field, reason in fields.items()
        if getattr(before.key, field) != getattr(after.key, field)
    ]
    return ", ".join(reasons) or "graded again"
