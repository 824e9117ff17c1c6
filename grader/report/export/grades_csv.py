"""A class as ``grades.csv``: a row per learner, a column per exercise and per check."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

from grader.grades import rules
from grader.grades.class_results import Attempts, ClassResults, GradedExercise, Learner
from grader.grades.grade import Grade

# A spreadsheet runs a cell that begins like this (owasp.org, "CSV Injection"). Japanese versions
# also run the full-width characters. A negative number is not a formula.
_FORMULA: Final = re.compile(r"[=+@＝＋－＠\t\r]|-(?!\d*\.?\d*$)")

Cell = str | int | float
_ABOUT: Final = {"name": "person", "email": "email", "section": "section"}
"""Title of a column to the field of a learner."""
_ATTEMPT_TITLES: Final = {"number": "attempts", "first": "first", "best": "best"}


class _Column(NamedTuple):
    """A column that only some classes have."""

    title: str
    cell: Callable[[Learner], Cell]
    worth: Cell = ""
    """The points possible."""


def as_csv(results: ClassResults) -> str:
    """The sheet; the second row has the possible points. A cell without a grade is empty.

    A column ``counted/TITLE`` for each assignment has its total. The columns after it appear if
    they have any content: attempts, missing layers of the sandbox, and who the learners are, as
    far as a roster says it.
    """
    # The two head rows have the same columns, so they are built together.
    titles = ["learner", "total"]
    possible: list[Cell] = [
        "points possible",
        sum(exercise.max_points for exercise in results.exercises),
    ]

    for exercise in results.exercises:
        titles.append(exercise.id)
        possible.append(exercise.max_points)
        for check in exercise.checks:
            titles.append(f"{exercise.id}/{check.name}")
            possible.append(check.points)

    columns = [
        *_assignment_columns(results),
        *_attempt_columns(results),
        *_isolation_columns(results),
        *_about_columns(results),
    ]
    titles += [column.title for column in columns]
    possible += [column.worth for column in columns]

    sheet = io.StringIO()
    # Every text is quoted: where the comma is the decimal sign, a spreadsheet splits cells at
    # semicolons, and the rest of a name could then be a formula.
    writer = csv.writer(sheet, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerows([titles, possible])
    for learner in results.learners:
        row = _row(results, learner.name)
        row += [column.cell(learner) for column in columns]
        writer.writerow(row)

    return sheet.getvalue()


def plain(cell: str) -> str:
    """``cell`` with an apostrophe in front if a spreadsheet would run it."""
    if _FORMULA.match(cell):
        return f"'{cell}"

    return cell


def _assignment_columns(results: ClassResults) -> Iterator[_Column]:
    """The total of each assignment."""
    for number, assignment in enumerate(results.assignments):
        yield _Column(
            plain(f"counted/{assignment.title}"),
            partial(_counted, results, number),
            whole(rules.worth(assignment)),
        )


def _counted(results: ClassResults, number: int, learner: Learner) -> Cell:
    total = results.totals_of(learner.name)[number]
    return whole(total.points)


def _about_columns(results: ClassResults) -> Iterator[_Column]:
    """Who the learners are; only a roster says it."""
    for title, field in _ABOUT.items():
        cell = partial(_about, field)
        if any(cell(learner) for learner in results.learners):
            yield _Column(title, cell)


def _about(field: str, learner: Learner) -> str:
    value: str = getattr(learner, field)
    return plain(value)


def _attempt_columns(results: ClassResults) -> Iterator[_Column]:
    """Number, first and best points, for each exercise that somebody handed in repeatedly."""
    for exercise in results.exercises:
        repeated = [own for own in results.attempts.values() if exercise.id in own]
        if not repeated:
            continue

        for field in Attempts.__struct_fields__:
            title = _ATTEMPT_TITLES[field]
            cell = partial(_attempt_cell, results, exercise.id, field)
            yield _Column(f"{exercise.id} {title}", cell)


def _attempt_cell(results: ClassResults, exercise: str, field: str, learner: Learner) -> Cell:
    attempts = results.attempts_of(learner.name, exercise)
    if attempts is None:
        return ""

    number: int = getattr(attempts, field)
    return number


def _isolation_columns(results: ClassResults) -> Iterator[_Column]:
    """The grades that were given without a layer that separates submissions, if there are any."""
    if any(_weak(results, learner) for learner in results.learners):
        yield _Column("weak isolation", partial(_weak, results))


def _weak(results: ClassResults, learner: Learner) -> str:
    parts = []
    for exercise in results.exercises:
        grade = results.grade(learner.name, exercise.id)
        if grade is not None and grade.weak_isolation:
            layers = " ".join(grade.weak_isolation)
            parts.append(f"{exercise.id}: {layers}")

    return "; ".join(parts)


def whole(value: float | None) -> Cell:
    """A number without decimals that say nothing; an empty cell for None."""
    if value is None:
        return ""
    if value == int(value):
        return int(value)

    return value


def _row(results: ClassResults, learner: str) -> list[Cell]:
    total: str | int = ""
    cells: list[Cell] = []
    for exercise in results.exercises:
        grade = results.grade(learner, exercise.id)
        if grade is None or grade.status == "ungraded":
            # Nothing to grade and a failure of the grader are not zeros.
            cells += [""] * (1 + len(exercise.checks))
        else:
            # Without any grade, the total is empty too.
            total = int(total or 0) + grade.points
            cells += _points(exercise, grade)

    return [plain(learner), total, *cells]


def _points(exercise: GradedExercise, grade: Grade) -> list[Cell]:
    points = {check.name: check.points for check in grade.checks}
    # An older grade may lack a check that the rubric has now.
    of_checks = [points.get(check.name, "") for check in exercise.checks]
    return [grade.points, *of_checks]
