"""A class as ``grades.csv``: a row per learner, a column per exercise and per check."""

import re
from collections.abc import Iterator

from grader.grades.class_results import ClassResults
from grader.grades.grade import Grade

# What a spreadsheet would take for a formula (owasp.org, "CSV Injection"), in Japanese the wide characters too;
# a number below zero is none.
_FORMULA = re.compile(r"[=+@＝＋－＠\t\r]|-(?!\d*\.?\d*$)")
# Where a comma is in numbers, a spreadsheet takes a semicolon for the end of a cell.
_PARTS_CELLS = re.compile(r'[,;"\t\r\n]')


def as_csv(results: ClassResults) -> str:
    """The sheet, points possible in its second row; a cell is empty where there is no grade."""
    head = [
        ["learner", "total", *_titles(results)],
        ["points possible", *map(str, _possible(results))],
    ]
    rows = [*head, *(_row(results, learner.name) for learner in results.learners)]
    return "".join(f"{','.join(_written(plain(cell)) for cell in row)}\n" for row in rows)


def plain(cell: str) -> str:
    """``cell`` as a spreadsheet shows it, and does not run it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _written(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _PARTS_CELLS.search(cell) else cell


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
