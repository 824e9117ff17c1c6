"""What counts in assignments, as ``assignments.csv``: a row per learner and exercise."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime

from grader.course.assignment import Assignment, zone_of
from grader.grades.class_results import ClassResults
from grader.grades.counted import Counted
from grader.report.export.grades_csv import Cell, plain, whole


def as_csv(results: ClassResults) -> str:
    """The sheet; a cell is empty if there is no number. ``docs/exports.md`` has the columns."""
    assignments = {assignment.title: assignment for assignment in results.assignments}
    rows = list(_rows(results, assignments))
    sheet = io.StringIO()
    # Every text is quoted, as in grades.csv.
    writer = csv.writer(sheet, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([row[column] for column in COLUMNS])
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


def _rows(
    results: ClassResults, assignments: Mapping[str, Assignment]
) -> Iterator[dict[str, Cell]]:
    for learner in results.learners:
        for counted in results.counted.get(learner.name, []):
            comments = results.comments_for(learner.name, counted.exercise)
            zone = assignments[counted.assignment].time_zone
            yield {
                "learner": plain(learner.name),
                "comments": plain("\n".join(comments)),
                **cells_of(counted, zone),
            }


def cells_of(counted: Counted, zone: str) -> dict[str, Cell]:
    """The cells about one exercise; times are those of ``zone``."""
    return {
        "assignment": plain(counted.assignment),
        "exercise": counted.exercise,
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
        "counts": "yes" if counted.counts else "no",
        "reason": plain(counted.reason),
    }


def _time(at: datetime | None, zone: str) -> str:
    if at is None:
        return ""
    return at.astimezone(zone_of(zone)).isoformat(timespec="seconds")
