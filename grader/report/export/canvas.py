"""Canvas: the gradebook that an instructor exported, with the points filled in.

The rules are those of its importer (instructure/canvas-lms, ``lib/gradebook_importer.rb``)
and exporter (``lib/gradebook_exporter.rb``); ``docs/exports.md`` lists them.
"""

import re
from collections.abc import Mapping
from typing import Final

from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise
from grader.report.export import matching
from grader.report.export.worksheet import Filled, Worksheet

_PEOPLE: Final = (
    *(
        "Student",
        "LastName",
        "FirstName",
        "ID",
        "SIS User ID",
        "SIS Login ID",
        "Integration ID",
        "Root Account",
    ),
    "Section",
)
_KEYS: Final = ("ID", "SIS User ID", "SIS Login ID")
_COMPUTED: Final = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
_POSTING: Final = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
_LEFT: Final = {"EX": "excused", "N/A": "not assigned"}


def fill(content: bytes, results: ClassResults, columns: Mapping[str, str], where: str) -> Filled:
    """``content``, a gradebook exported from Canvas, with the class's points in its assignments' columns.

    ``columns`` maps an exercise's id to the title of its column where neither its id nor
    its title is in it. ``UsageError`` where the file is no such gradebook.
    """
    sheet = Worksheet.read(content, where)
    people = {name: column for column, name in enumerate(sheet.header) if name in _PEOPLE}
    if "ID" not in people or "Section" not in people or not {"Student", "LastName"} & set(people):
        raise UsageError(
            f"{where}: no gradebook exported from Canvas: its header needs Student, ID and Section"
        )
    possible = next(
        (row for row in range(1, len(sheet.rows)) if "Points Possible" in sheet.cell(row, 0)), None
    )
    titles = _assignments(sheet, people, possible)
    taken = matching.exercise_columns(results, titles, columns, where)
    students = [
        row for row in range(1, len(sheet.rows)) if row != possible and _is_student(sheet.rows[row])
    ]
    matches = matching.match({row: _keys(sheet, people, row) for row in students}, results.learners)
    values: dict[tuple[int, int], str] = {}
    notices = _column_notices(sheet, results, taken, possible, where)
    for row, learner in matches.found.items():
        for column, exercise in taken.items():
            grade = results.grade(learner.name, exercise.id)
            reason = _LEFT.get(sheet.cell(row, column).upper())
            if grade is None:
                continue
            if reason or grade.status == "ungraded":
                notices.append(
                    f"{learner.name}, {exercise.id}: left as it was, {reason or 'the grader failed'}"
                )
                continue
            worth = matching.number(sheet.cell(possible, column)) if possible is not None else None
            values[row, column] = matching.scaled(grade.points, exercise, worth)
    unmatched = [_name(sheet, people, row) for row in students if row not in matches.found]
    notices += matching.sentence("no row for these learners", matches.missing)
    notices += matching.sentence(
        "several rows could be these learners, none was filled in", matches.ambiguous
    )
    notices += matching.sentence("nobody of the class for these rows, left as they were", unmatched)
    return Filled(sheet.filled(values), len(values), notices)


def _assignments(
    sheet: Worksheet, people: Mapping[str, int], possible: int | None
) -> dict[int, str]:
    """Columns that take points: neither people's, nor computed, nor read-only."""
    first = max(people.values()) + 1
    return {
        column: title
        for column, title in enumerate(sheet.header)
        if column >= first
        and not _COMPUTED.search(title)
        and not (possible is not None and re.search(r"read\s+only", sheet.cell(possible, column)))
    }


def _is_student(row: list[str]) -> bool:
    """Whether a row is about someone: some rows only say which assignments are posted by hand."""
    return any(cell.strip() for cell in row) and not all(_POSTING.fullmatch(cell) for cell in row)


def _keys(sheet: Worksheet, people: Mapping[str, int], row: int) -> matching.Keys:
    keys = [
        matching.forms(sheet.cell(row, people[key])) if key in people else frozenset()
        for key in _KEYS
    ]
    return [*keys, matching.name_forms(_name(sheet, people, row))]


def _name(sheet: Worksheet, people: Mapping[str, int], row: int) -> str:
    if "Student" in people:
        return sheet.cell(row, people["Student"])
    return f"{sheet.cell(row, people['LastName'])}, {sheet.cell(row, people.get('FirstName', 0))}"


def _column_notices(
    sheet: Worksheet,
    results: ClassResults,
    taken: Mapping[int, GradedExercise],
    possible: int | None,
    where: str,
) -> list[str]:
    notices = []
    for column, exercise in taken.items():
        worth = matching.number(sheet.cell(possible, column)) if possible is not None else None
        if worth and worth != exercise.max_points:
            notices.append(
                f"{exercise.id} has {exercise.max_points} points here and {worth:g} in `{sheet.header[column]}`: "
                "filled in in proportion"
            )
    absent = [exercise.id for exercise in results.exercises if exercise not in taken.values()]
    return notices + matching.sentence(
        f"{where} has no column for these exercises (see --column)", absent
    )
