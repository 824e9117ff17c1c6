"""What counts in assignments, as ``assignments.csv``: a row per learner and exercise."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from grader.course.assignment import zone_of
from grader.grades.class_results import ClassResults
from grader.grades.counted import Counted
from grader.report.export import tables
from grader.report.export.tables import Cell, whole

_COLUMNS: Final = (
    "learner",
    "assignment",
    "exercise",
    "raw",
    "max_points",
    "submitted",
    "source",
    "lateness",
    "days_late",
    "free_days",
    "percent_off",
    "points",
    "possible",
    "counts",
    "reason",
    "comments",
)


def as_csv(results: ClassResults) -> str:
    """The sheet; a cell is empty if there is no number. ``docs/exports.md`` has the columns."""
    return tables.as_csv([_COLUMNS, *_rows(results)])


def _rows(results: ClassResults) -> Iterator[list[Cell]]:
    zones = {each.title: each.time_zone for each in results.assignments}
    for learner, own in results.counted.items():
        for counted in own:
            comments = results.comments_for(learner, counted.exercise)
            cells = _cells(counted, zones[counted.assignment])
            cells["learner"] = learner
            cells["comments"] = "\n".join(comments)
            yield [cells[column] for column in _COLUMNS]


def _cells(counted: Counted, zone: str) -> dict[str, Cell]:
    """The cells about one exercise; times are those of ``zone``."""
    counts = "no"
    if counted.counts:
        counts = "yes"

    return {
        "assignment": counted.assignment,
        "exercise": counted.exercise,
        "raw": whole(counted.raw),
        "max_points": whole(counted.max_points),
        "submitted": _time(counted.handed.at, zone),
        "source": counted.handed.source,
        "lateness": counted.lateness.value,
        "days_late": counted.days_late,
        "free_days": counted.free_days,
        "percent_off": whole(counted.percent_off),
        "points": whole(counted.points),
        "possible": whole(counted.possible),
        "counts": counts,
        "reason": counted.reason,
    }


def _time(at: datetime | None, zone: str) -> Cell:
    if at is None:
        return None

    local = at.astimezone(zone_of(zone))
    return local.isoformat(timespec="seconds")
