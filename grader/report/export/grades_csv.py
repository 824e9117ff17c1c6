"""A class as ``grades.csv``: a row per learner, a column per exercise and per check."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from grader.grades import rules
from grader.grades.class_results import ClassResults
from grader.report.export import tables
from grader.report.export.tables import Cell, whole

_ABOUT: Final = {"name": "person", "email": "email", "section": "section"}
"""Title of a column to the field of a learner."""
_ATTEMPTS: Final = {"attempts": "number", "first": "first", "best": "best"}
"""Last word of a column's title to the field of a learner's attempts."""


class _Column(NamedTuple):
    title: str
    possible: Cell
    """The possible points."""
    cells: list[Cell]
    """One for each learner."""


def as_csv(results: ClassResults) -> str:
    """The sheet; the second row has the possible points. A cell without a grade is empty.

    A column ``counted/TITLE`` for each assignment has its total. The columns after it appear if
    they have any content: attempts, missing layers of the sandbox, and who the learners are, as
    far as a roster says it.
    """
    names = [learner.name for learner in results.learners]
    worth = sum(exercise.max_points for exercise in results.exercises)
    columns = [
        _Column("learner", "points possible", [*names]),
        _Column("total", worth, [_total(results, name) for name in names]),
        *_exercise_columns(results),
        *_assignment_columns(results),
        *_attempt_columns(results),
        *_isolation_columns(results),
        *_about_columns(results),
    ]
    titles = [column.title for column in columns]
    possible = [column.possible for column in columns]
    learners = zip(*(column.cells for column in columns), strict=True)
    return tables.as_csv([titles, possible, *learners])


def _total(results: ClassResults, learner: str) -> int | None:
    """The points of all exercises; None without any grade."""
    found = [_points(results, learner, exercise.id) for exercise in results.exercises]
    graded = [points for points, _ in found if points is not None]
    if not graded:
        return None

    return sum(graded)


def _exercise_columns(results: ClassResults) -> Iterator[_Column]:
    """The points for each exercise, and behind them those for its checks."""
    for exercise in results.exercises:
        found = [_points(results, learner.name, exercise.id) for learner in results.learners]
        yield _Column(exercise.id, exercise.max_points, [points for points, _ in found])
        for check in exercise.checks:
            # An older grade may lack a check that the rubric has now.
            cells: list[Cell] = [of_checks.get(check.name) for _, of_checks in found]
            yield _Column(f"{exercise.id}/{check.name}", check.points, cells)


def _points(
    results: ClassResults, learner: str, exercise: str
) -> tuple[int | None, dict[str, int]]:
    """The points for an exercise, and for each of its checks.

    Nothing to grade and a failure of the grader are not zeros.
    """
    grade = results.grade(learner, exercise)
    if grade is None or grade.status == "ungraded":
        return None, {}

    return grade.points, {check.name: check.points for check in grade.checks}


def _assignment_columns(results: ClassResults) -> Iterator[_Column]:
    totals = [results.totals_of(learner.name) for learner in results.learners]
    for number, assignment in enumerate(results.assignments):
        cells = [whole(own[number].points) for own in totals]
        yield _Column(f"counted/{assignment.title}", whole(rules.worth(assignment)), cells)


def _attempt_columns(results: ClassResults) -> Iterator[_Column]:
    """Number, first and best points, for each exercise that somebody handed in repeatedly."""
    for exercise in results.exercises:
        if not any(exercise.id in own for own in results.attempts.values()):
            continue

        found = [results.attempts_of(learner.name, exercise.id) for learner in results.learners]
        for title, field in _ATTEMPTS.items():
            cells = [getattr(attempts, field, None) for attempts in found]
            yield _Column(f"{exercise.id} {title}", None, cells)


def _isolation_columns(results: ClassResults) -> Iterator[_Column]:
    """The grades that were given without a layer that separates submissions, if there are any."""
    cells: list[Cell] = [_weak(results, learner.name) for learner in results.learners]
    if any(cells):
        yield _Column("weak isolation", None, cells)


def _about_columns(results: ClassResults) -> Iterator[_Column]:
    """Who the learners are; only a roster says it."""
    for title, field in _ABOUT.items():
        cells: list[Cell] = [getattr(learner, field) for learner in results.learners]
        if any(cells):
            yield _Column(title, None, cells)


def _weak(results: ClassResults, learner: str) -> str:
    parts = []
    for exercise in results.exercises:
        grade = results.grade(learner, exercise.id)
        if grade is not None and grade.weak_isolation:
            layers = " ".join(grade.weak_isolation)
            parts.append(f"{exercise.id}: {layers}")

    return "; ".join(parts)
