"""What counts in assignments, as ``assignments.csv``: a row per learner and exercise."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from grader.course.assignment import zone_of
from grader.grades.class_results import ClassResults
from grader.grades.counted import Counted
from grader.report.export.grades_csv import Cell, plain, whole


def as_csv(results: ClassResults) -> str:
    """The sheet; a cell is empty if there is no number. ``docs/exports.md`` has the columns."""
    sheet = io.StringIO()
    # Every text is quoted, as in grades.csv.
    writer = csv.DictWriter(
        sheet,
        COLUMNS,
        quoting=csv.QUOTE_NONNUMERIC,
        lineterminator="\n",
    )
    writer.writeheader()
    for row in _rows(results):
        writer.writerow(row)

    return sheet.getvalue()


COLUMNS = (
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


def _rows(results: ClassResults) -> Iterator[dict[str, Cell]]:
    zones = {each.title: each.time_zone for each in results.assignments}
    for learner, own in results.counted.items():
        for counted in own:
            comments = results.comments_for(learner, counted.exercise)
            cells = _cells(counted, zones[counted.assignment])
            cells["learner"] = plain(learner)
            cells["comments"] = plain("\n".join(comments))
            yield cells


def _cells(counted: Counted, zone: str) -> dict[str, Cell]:
    """The cells about one exercise; times are those of ``zone``."""
    counts = "no"
    if counted.counts:
        counts = "yes"

    return {
        "assignment": plain(counted.assignment),
        "exercise": plain(counted.exercise),
        "raw": whole(counted.raw),
        "max_points": whole(counted.max_points),
        "submitted": _time(counted.handed.at, zone),
        "source": plain(counted.handed.source),
        "lateness": counted.lateness.value,
        "days_late": counted.days_late,
        "free_days": counted.free_days,
        "percent_off": whole(counted.percent_off),
        "points": whole(counted.points),
        "possible": whole(counted.possible),
        "counts": counts,
        "reason": plain(counted.reason),
    }


def _time(at: datetime | None, zone: str) -> str:
    if at is None:
        return ""

    local = at.astimezone(zone_of(zone))
    return local.isoformat(timespec="seconds")
