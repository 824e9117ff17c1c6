"""A class as ``grades.csv``: a row per learner, a column per exercise and per check."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from grader.grades import rules
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.grade import Grade
from grader.report.export import tables
from grader.report.export.tables import Cell, whole

_ABOUT: Final = {"name": "person", "email": "email", "section": "section"}
"""Title of a column to the field of a learner."""
_ATTEMPTS: Final = {"attempts": "number", "first": "first", "best": "best"}
"""Last word of a column's title to the field of a learner's attempts."""


class _Column(NamedTuple):
    """A column that only some classes have."""

    title: str
    cells: list[Cell]
    """One for each learner."""
    possible: Cell = None


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
    possible += [column.possible for column in columns]

    rows: list[Sequence[Cell]] = [titles, possible]
    for number, learner in enumerate(results.learners):
        row = _row(results, learner.name)
        row += [column.cells[number] for column in columns]
        rows.append(row)

    return tables.as_csv(rows)


def _assignment_columns(results: ClassResults) -> Iterator[_Column]:
    """The total of each assignment."""
    totals = [results.totals_of(learner.name) for learner in results.learners]
    for number, assignment in enumerate(results.assignments):
        cells = [whole(own[number].points) for own in totals]
        yield _Column(f"counted/{assignment.title}", cells, whole(rules.worth(assignment)))


def _attempt_columns(results: ClassResults) -> Iterator[_Column]:
    """Number, first and best points, for each exercise that somebody handed in repeatedly."""
    for exercise in results.exercises:
        if not any(exercise.id in own for own in results.attempts.values()):
            continue

        found = [results.attempts_of(learner.name, exercise.id) for learner in results.learners]
        for title, field in _ATTEMPTS.items():
            cells = [getattr(attempts, field, None) for attempts in found]
            yield _Column(f"{exercise.id} {title}", cells)


def _isolation_columns(results: ClassResults) -> Iterator[_Column]:
    """The grades that were given without a layer that separates submissions, if there are any."""
    cells: list[Cell] = [_weak(results, learner.name) for learner in results.learners]
    if any(cells):
        yield _Column("weak isolation", cells)


def _about_columns(results: ClassResults) -> Iterator[_Column]:
    """Who the learners are; only a roster says it."""
    for title, field in _ABOUT.items():
        cells: list[Cell] = [getattr(learner, field) for learner in results.learners]
        if any(cells):
            yield _Column(title, cells)


def _weak(results: ClassResults, learner: str) -> str:
    parts = []
    for exercise in results.exercises:
        grade = results.grade(learner, exercise.id)
        if grade is not None and grade.weak_isolation:
            layers = " ".join(grade.weak_isolation)
            parts.append(f"{exercise.id}: {layers}")

    return "; ".join(parts)


def _row(results: ClassResults, learner: str) -> list[Cell]:
    total = None
    cells: list[Cell] = []
    for exercise in results.exercises:
        grade = results.grade(learner, exercise.id)
        if grade is None or grade.status == "ungraded":
            # Nothing to grade and a failure of the grader are not zeros.
            cells += [None] * (1 + len(exercise.checks))
        else:
            # Without any grade, the total is empty too.
            total = (total or 0) + grade.points
            cells += _points(exercise, grade)

    return [learner, total, *cells]


def _points(exercise: GradedExercise, grade: Grade) -> list[Cell]:
    points = {check.name: check.points for check in grade.checks}
    # An older grade may lack a check that the rubric has now.
    of_checks = [points.get(check.name) for check in exercise.checks]
    return [grade.points, *of_checks]
