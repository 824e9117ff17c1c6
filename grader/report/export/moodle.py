"""Moodle: a grading worksheet or a grade export that an instructor downloaded, with the points filled in.

The rules are those of its importers (moodle/moodle, ``mod/assign/feedback/offline`` and
``grade/import/csv``); ``docs/exports.md`` lists them.
"""

import re
from collections.abc import Mapping
from typing import Final

from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise
from grader.report.export import matching
from grader.report.export.worksheet import Filled, Worksheet

_NUMBERED: Final = re.compile(r"\D*?(\d+)")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
_NO: Final = ("no", "0")


def fill(content: bytes, results: ClassResults, columns: Mapping[str, str], where: str) -> Filled:
    """``content``, downloaded from Moodle, with the class's points.

    An assignment's grading worksheet takes the one exercise of ``results``, or the one that
    ``columns`` names with the title of the grade's column (in another language than English).
    A grade export takes each exercise whose column is found.
    """
    sheet = Worksheet.read(content, where)
    identifier = _identifier(sheet)
    taken = (
        matching.exercise_columns(results, dict(enumerate(sheet.header)), columns, where)
        if identifier is None
        else _grade_column(sheet, results, columns, where)
    )
    rows = {
        row: _keys(sheet, identifier, row)
        for row in range(1, len(sheet.rows))
        if any(sheet.rows[row])
    }
    matches = matching.match(rows, results.learners)
    maximum = _named(sheet, "maximum grade", "maximum")
    changeable = _named(sheet, "grade can be changed")
    values: dict[tuple[int, int], str] = {}
    notices: list[str] = []
    for row, learner in matches.found.items():
        for column, exercise in taken.items():
            grade = results.grade(learner.name, exercise.id)
            locked = changeable is not None and sheet.cell(row, changeable).lower() in _NO
            if grade is None:
                continue
            if locked or grade.status == "ungraded":
                reason = "its grade cannot be changed" if locked else "the grader failed"
                notices.append(f"{learner.name}, {exercise.id}: left as it was, {reason}")
                continue
            values[row, column] = _points(
                grade.points, exercise, "" if maximum is None else sheet.cell(row, maximum)
            )
    if maximum is not None:
        notices += _scales(sheet, maximum, rows, taken)
    absent = [exercise.id for exercise in results.exercises if exercise not in taken.values()]
    if identifier is None:
        notices += matching.sentence(
            f"{where} has no column for these exercises (see --column)", absent
        )
    unmatched = [_person(sheet, row) for row in rows if row not in matches.found]
    notices += matching.sentence("no row for these learners", matches.missing)
    notices += matching.sentence(
        "several rows could be these learners, none was filled in", matches.ambiguous
    )
    notices += matching.sentence("nobody of the class for these rows, left as they were", unmatched)
    return Filled(sheet.filled(values), len(values), notices)


def _identifier(sheet: Worksheet) -> int | None:
    """The column of a worksheet's participants, in any language: `Participant 123` in its first column, never twice."""
    cells = [sheet.cell(row, 0) for row in range(1, len(sheet.rows)) if any(sheet.rows[row])]
    numbered = all(re.fullmatch(r"[^\d@]+\d+", cell) for cell in cells)
    is_it = sheet.header[0].strip() == "Identifier" or (
        numbered and len({_digits(cell) for cell in cells}) == len(cells)
    )
    return 0 if cells and is_it else None


def _grade_column(
    sheet: Worksheet, results: ClassResults, columns: Mapping[str, str], where: str
) -> dict[int, GradedExercise]:
    known = {exercise.id: exercise for exercise in results.exercises}
    wanted = [exercise_id for exercise_id in columns if exercise_id in known] or list(known)
    if len(wanted) != 1:
        raise UsageError(
            f"{where}: a grading worksheet is of one assignment; say which exercise it takes with "
            f"--column EXERCISE=Grade: {', '.join(known) or 'the class has none'}"
        )
    title = columns.get(wanted[0], "Grade")
    column = _named(sheet, title.lower())
    if column is None:
        raise UsageError(
            f"{where}: no column `{title}`; if its header is in another language, say which column takes the grade "
            f"with --column '{wanted[0]}=TITLE': {', '.join(sheet.header)}"
        )
    return {column: known[wanted[0]]}


def _named(sheet: Worksheet, *names: str) -> int | None:
    return next(
        (column for column, title in enumerate(sheet.header) if title.strip().lower() in names),
        None,
    )


def _keys(sheet: Worksheet, identifier: int | None, row: int) -> matching.Keys:
    """Participant, then address, then user name and number, then the full name, each where the file has it."""
    cells = [cell.strip() for cell in sheet.rows[row]]
    participant = cells[identifier] if identifier is not None else ""
    addresses = [cell for cell in cells if _ADDRESS.fullmatch(cell)]
    exact = [
        sheet.cell(row, column)
        for name in ("username", "id number")
        if (column := _named(sheet, name)) is not None
    ]
    return [
        matching.forms(participant, _digits(participant)),
        matching.forms(*addresses),
        matching.forms(*exact),
        matching.name_forms(_person(sheet, row))
        | matching.name_forms(_person(sheet, row, last_first=True)),
    ]


def _person(sheet: Worksheet, row: int, *, last_first: bool = False) -> str:
    """A row's full name: of two columns in a grade export, of the one after the participant in a worksheet."""
    first, last = _named(sheet, "first name"), _named(sheet, "last name", "surname")
    if first is not None and last is not None:
        given, family = sheet.cell(row, first), sheet.cell(row, last)
        return f"{family}, {given}" if last_first else f"{given} {family}".strip()
    full = _named(sheet, "full name")
    return sheet.cell(row, 1 if full is None else full)


def _digits(cell: str) -> str:
    found = _NUMBERED.fullmatch(cell)
    return found[1] if found else ""


def _points(points: int, exercise: GradedExercise, maximum: str) -> str:
    """Points in proportion to the row's maximum, with the decimal sign that the maximum is written with."""
    written = matching.scaled(points, exercise, matching.number(maximum))
    return written.replace(".", ",") if "," in maximum else written


def _scales(
    sheet: Worksheet, maximum: int, rows: Mapping[int, object], taken: Mapping[int, GradedExercise]
) -> list[str]:
    worths = {matching.number(sheet.cell(row, maximum)) for row in rows} - {None, 0}
    return [
        f"{exercise.id} has {exercise.max_points} points here and {worth:g} in Moodle: filled in in proportion"
        for exercise in taken.values()
        for worth in worths
        if worth != exercise.max_points
    ]
