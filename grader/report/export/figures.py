"""The figures about a class for programs: a table of items as CSV, and everything as JSON."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from grader.grades.behavior import Behavior
from grader.grades.changes import GradeChange
from grader.grades.class_results import ClassResults
from grader.grades.figures import ClassFigures
from grader.grades.grade import CheckResult, Outcome
from grader.grades.gradebook import Entry
from grader.grades.items import NOT_ATTEMPTED, NOT_COUNTED, OPEN, Item
from grader.report.export import tables
from grader.report.export.tables import Cell
from grader.text import indented_json

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
    about = ["exercise", "check", "title", "points", "learners", "attempted", "passed"]
    figures = ["difficulty", "discrimination", "standard_error"]
    return tables.as_csv([[*about, *figures, *_OUTCOMES], *map(_row, items)])


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
    return indented_json(document)


def changes_as_csv(changes: Iterable[GradeChange]) -> str:
    """A row for each check that differs, and one for each grade that is new or gone."""
    about = ["learner", "exercise", "points_before", "points_after"]
    rows: list[list[Cell]] = [[*about, "reason", "check", "outcome_before", "outcome_after"]]
    for change in changes:
        if change.is_equal:
            continue

        shown = _change(change)
        grade = [shown[name] for name in about]
        grade.append(", ".join(shown["reasons"]))
        for check in shown["checks"] or [{}]:
            outcomes = [check.get("before"), check.get("after")]
            rows.append([*grade, check.get("check"), *outcomes])

    return tables.as_csv(rows)


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
    return indented_json({"format": FORMAT, "changes": differing, "difficulty": difficulty})


def _row(item: Item) -> list[Cell]:
    points = item.exercise.max_points
    if item.check is not None:
        points = item.check.points

    shown = _item(item)
    row: list[Cell] = [shown["exercise"], shown["check"], shown["title"], points]
    row += [shown["learners"], shown["attempted"], shown["passed"], shown["difficulty"]]
    discrimination = shown["discrimination"] or {}
    row += [discrimination.get("value"), discrimination.get("standard_error")]
    for outcome in _OUTCOMES:
        # How far a whole submission came is no outcome of a check.
        is_whole = item.check is None and outcome != NOT_ATTEMPTED
        row.append(None if is_whole else item.outcomes.get(outcome, 0))

    return row


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


def _outcome(result: CheckResult | None) -> str | None:
    if result is None:
        return None
    return result.word


def _points(entry: Entry | None) -> int | None:
    if entry is None or entry.grade.status == "ungraded":
        return None
    return entry.grade.points
