"""The figures about a class for programs: a table of items as CSV, and everything as JSON."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from grader.grades.behavior import Behavior
from grader.grades.changes import CheckChange, GradeChange
from grader.grades.class_results import ClassResults
from grader.grades.figures import ClassFigures
from grader.grades.grade import CheckResult, Outcome
from grader.grades.gradebook import Entry
from grader.grades.items import NOT_ATTEMPTED, NOT_COUNTED, OPEN, Item
from grader.report.export.grades_csv import plain

FORMAT: Final = 1
"""Version of the JSON; see ``docs/batch.md``."""
_OUTCOMES: Final = (
    *(outcome.value for outcome in Outcome),
    OPEN,
    "unclear",
    NOT_COUNTED,
    NOT_ATTEMPTED,
)
"""The columns of a table of checks."""


def items_as_csv(items: Iterable[Item]) -> str:
    """A row for each exercise and each check; an empty cell where there is no figure."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    about = ["exercise", "check", "title", "points", "learners", "attempted", "passed"]
    figures = ["difficulty", "discrimination", "standard_error"]
    writer.writerow([*about, *figures, *_OUTCOMES])
    for item in items:
        cells = [_cell(value) for value in _row(item)]
        writer.writerow(cells)

    return sheet.getvalue()


def figures_as_json(figures: ClassFigures, results: ClassResults) -> str:
    """One object with all figures, as ``docs/batch.md`` describes it."""
    document = {
        "format": FORMAT,
        "title": figures.title,
        "learners": figures.learners,
        "handed_in": figures.active,
        "caution": figures.caution,
        "items": [_item(item) for item in figures.items],
        "signs": msgspec.to_builtins(figures.signs),
        "misconceptions": msgspec.to_builtins(figures.misconceptions),
        "groups": [_group(group) for group in figures.behaviors],
        "attempts": msgspec.to_builtins(results.attempts),
    }
    return _written(document)


def changes_as_csv(changes: Iterable[GradeChange]) -> str:
    """A row for each check that differs, and one for each grade that is new or gone."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(
        [
            *("learner", "exercise", "points_before", "points_after", "reason"),
            *("check", "outcome_before", "outcome_after"),
        ]
    )
    for change in changes:
        if change.is_equal:
            continue

        reason = ", ".join(change.reasons)
        grade = [
            change.learner,
            change.exercise,
            _points(change.before),
            _points(change.after),
            reason,
        ]
        checks: Sequence[CheckChange | None] = change.checks or [None]
        for check in checks:
            row = [*grade, *_of_check(check)]
            writer.writerow([_cell(value) for value in row])

    return sheet.getvalue()


def changes_as_json(
    changes: Iterable[GradeChange], before: Sequence[Item], after: Sequence[Item]
) -> str:
    """The grades that differ, and the difficulty of each item before and after."""
    old = {item.name: item.difficulty for item in before}
    new = {item.name: item.difficulty for item in after}
    difficulty = {}
    for name in old | new:
        difficulty[name] = {"before": old.get(name), "after": new.get(name)}

    differing = [_change(change) for change in changes if not change.is_equal]
    return _written({"format": FORMAT, "changes": differing, "difficulty": difficulty})


def _row(item: Item) -> list[str | float | None]:
    name = ""
    points = item.exercise.max_points
    if item.check is not None:
        name = item.check.name
        points = item.check.points

    row: list[str | float | None] = [item.exercise.id, name, item.title, points]
    row += [item.learners, item.attempted, item.passed, _rounded(item.difficulty)]
    found = item.discrimination
    if found is None:
        row += [None, None]
    else:
        row += [_rounded(found.value), _rounded(found.error)]

    for outcome in _OUTCOMES:
        # How far a whole submission came is no outcome of a check.
        is_whole = item.check is None and outcome != NOT_ATTEMPTED
        row.append(None if is_whole else item.outcomes.get(outcome, 0))

    return row


def _cell(value: str | float | None) -> str | float:
    if value is None:
        return ""
    if isinstance(value, str):
        return plain(value)

    return value


def _rounded(value: float | None) -> float | None:
    if value is None:
        return None
    return round(value, 4)


def _item(item: Item) -> dict[str, Any]:
    discrimination = None
    if item.discrimination is not None:
        discrimination = {
            "value": _rounded(item.discrimination.value),
            "standard_error": _rounded(item.discrimination.error),
            "learners": item.discrimination.number,
        }

    document = {
        "exercise": item.exercise.id,
        "check": None,
        "title": item.title,
        "learners": item.learners,
        "attempted": item.attempted,
        "passed": item.passed,
        "difficulty": _rounded(item.difficulty),
        "discrimination": discrimination,
        "outcomes": item.outcomes,
        "misconceptions": item.misconceptions,
    }
    if item.check is not None:
        document["check"] = item.check.name

    return document


def _group(group: Behavior) -> dict[str, Any]:
    return {
        "id": group.id,
        "exercise": group.exercise.id,
        "check": group.check.name,
        "what": group.what,
        "observed": group.observed or None,
        "learners": group.learners,
    }


def _change(change: GradeChange) -> dict[str, Any]:
    checks = []
    for check in change.checks:
        before, after = _outcome(check.before), _outcome(check.after)
        checks.append({"check": check.name, "before": before, "after": after})

    return {
        "learner": change.learner,
        "exercise": change.exercise,
        "points_before": _points(change.before),
        "points_after": _points(change.after),
        "reasons": change.reasons,
        "checks": checks,
    }


def _of_check(check: CheckChange | None) -> list[str | None]:
    if check is None:
        return [None, None, None]
    return [check.name, _outcome(check.before), _outcome(check.after)]


def _outcome(result: CheckResult | None) -> str | None:
    if result is None:
        return None
    return result.word


def _points(entry: Entry | None) -> int | None:
    if entry is None or entry.grade.status == "ungraded":
        return None
    return entry.grade.points


def _written(document: dict[str, Any]) -> str:
    encoded = msgspec.json.encode(document)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"
