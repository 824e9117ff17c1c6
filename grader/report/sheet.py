"""A class as ``grades.csv``: a row per learner, a column per exercise and per check."""

import csv
import io
import re
from collections.abc import Iterator

from grader.results import ClassResults, Grade

# What a spreadsheet would take for a formula (owasp.org, "CSV Injection"); a number below zero is none.
_FORMULA = re.compile(r"[=+@\t\r]|-(?!\d*\.?\d*$)")


def as_csv(results: ClassResults) -> str:
    """The sheet, points possible in its second row; a cell is empty where there is no grade."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_cells(["learner", "total", *_titles(results)]))
    writer.writerow(_cells(["points possible", *map(str, _possible(results))]))
    for learner in results.learners:
        writer.writerow(_cells(_row(results, learner.name)))
    return text.getvalue()


def plain(cell: str) -> str:
    """``cell`` as a spreadsheet shows it, and does not run it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _cells(row: list[str]) -> list[str]:
    return [plain(cell) for cell in row]


def _titles(results: ClassResults) -> Iterator[str]:
    for exercise in results.exercises:
        yield exercise.id
        yield from (f"{exercise.id}/{check.name}" for check in exercise.checks)


def _possible(results: ClassResults) -> Iterator[int]:
    yield sum(exercise.max_points for exercise in results.exercises)
    for exercise in results.exercises:
        yield exercise.max_points
        yield from (check.points for check in exercise.checks)


def _row(results: ClassResults, learner: str) -> list[str]:
    grades = [results.grade(learner, exercise.id) for exercise in results.exercises]
    graded = [grade for grade in grades if grade is not None and grade.status == "graded"]
    row = [learner, str(sum(grade.points for grade in graded)) if graded else ""]
    for exercise, grade in zip(results.exercises, grades, strict=True):
        row += _points(grade, [check.name for check in exercise.checks])
    return row


def _points(grade: Grade | None, names: list[str]) -> list[str]:
    """An exercise's cells; where the grader failed they are empty, since that is no zero."""
    if grade is None or grade.status == "ungraded":
        return [""] * (len(names) + 1)
    points = {check.name: str(check.points) for check in grade.checks}
    return [str(grade.points), *(points.get(name, "") for name in names)]
