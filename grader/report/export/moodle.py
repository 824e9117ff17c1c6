"""Moodle: the grading worksheet of an assignment, or a grade export.

The rules are those of Moodle's importers (moodle/moodle, ``mod/assign/feedback/offline`` and
``grade/import/csv``); ``docs/exports.md`` lists them.
"""

import re
from collections.abc import Mapping
from typing import Final

from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise
from grader.report.export import matching
from grader.report.export.exported_sheet import ExportedSheet
from grader.report.export.worksheet import Worksheet

_PARTICIPANT: Final = re.compile(r"[^\d@]+(\d+)")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+")
_NO: Final = ("no", "0")


def open_sheet(content: bytes, where: str) -> "GradeExport | GradingWorksheet":
    """The file as what it is: a grading worksheet has a column of participants."""
    export = GradeExport(content, where)
    # The headers are in the language of the site, so the content decides.
    if _has_participants(export.sheet):
        return GradingWorksheet(content, where)
    return export


def _has_participants(sheet: Worksheet) -> bool:
    """Whether each row begins with a number of its own, like ``Participant 17``.

    The header and the word before the number are in the language of the Moodle site.
    """
    cells = [sheet.cell(row, 0) for row in _filled_rows(sheet)]
    if not cells:
        return False

    if sheet.header[0].strip() == "Identifier":
        return True

    # The first column of a grade export has names, of which some may end in a number.
    numbers = [found[1] for found in map(_PARTICIPANT.fullmatch, cells) if found]
    return len(set(numbers)) == len(cells)


def _filled_rows(sheet: Worksheet) -> list[int]:
    # A spreadsheet that saved the file may have added empty rows.
    numbers = range(1, len(sheet.rows))
    return [row for row in numbers if any(sheet.rows[row])]


class GradeExport(ExportedSheet):
    """A grade export: a column for each exercise, which belongs to the whole course."""

    def people(self) -> list[int]:
        """Every row that is not empty."""
        return _filled_rows(self.sheet)

    def name(self, row: int) -> str:
        """A grade export writes the name in two columns, a worksheet in one."""
        first, last = self._two_names(row)
        if first or last:
            return f"{first} {last}".strip()

        # In a worksheet, the name comes after the participant in every language.
        column = self._titled("full name")
        return self.sheet.cell(row, 1 if column is None else column)

    def keys(self, row: int) -> matching.Keys:
        """E-mail address, then user name and ID number, then the full name."""
        # The title of this column depends on the language, its content does not.
        cells = map(str.strip, self.sheet.rows[row])
        addresses = filter(_ADDRESS.fullmatch, cells)
        user_name = self._cell(row, "username")
        number = self._cell(row, "id number")

        first, last = self._two_names(row)
        reversed_name = f"{last}, {first}"
        names = matching.name_forms(self.name(row)) | matching.name_forms(reversed_name)
        return [
            matching.forms(*addresses),
            matching.forms(user_name, number),
            names,
        ]

    def columns(
        self, results: ClassResults, chosen: Mapping[str, str]
    ) -> dict[int, GradedExercise]:
        """The column of an exercise has its id or its title in the header."""
        titles = dict(enumerate(self.sheet.header))
        return matching.exercise_columns(results, titles, chosen, self.where)

    def locked(self, row: int, _column: int) -> str:
        """A worksheet says of each row whether its grade can be changed."""
        if self._cell(row, "grade can be changed").lower() in _NO:
            return "its grade cannot be changed"
        return ""

    def maximum(self, row: int, _column: int) -> str:
        """A worksheet has it in every row, a grade export has none."""
        return self._cell(row, "maximum grade", "maximum")

    def _two_names(self, row: int) -> tuple[str, str]:
        return self._cell(row, "first name"), self._cell(row, "last name", "surname")

    def _titled(self, *titles: str) -> int | None:
        for column, title in enumerate(self.sheet.header):
            if title.strip().lower() in titles:
                return column
        return None

    def _cell(self, row: int, *titles: str) -> str:
        column = self._titled(*titles)
        if column is None:
            return ""
        return self.sheet.cell(row, column)


class GradingWorksheet(GradeExport):
    """The grading worksheet of one assignment."""

    has_one_exercise = True

    def keys(self, row: int) -> matching.Keys:
        """The participant first: a downloaded submission has that number in its name."""
        participant = self.sheet.cell(row, 0)
        number = "".join(re.findall(r"\d+", participant)[:1])
        forms = matching.forms(participant, number)
        return [forms, *super().keys(row)]

    def columns(
        self, results: ClassResults, chosen: Mapping[str, str]
    ) -> dict[int, GradedExercise]:
        """The one column of the grade, for the exercise that ``chosen`` names or the only one."""
        known = {exercise.id: exercise for exercise in results.exercises}
        wanted = [exercise_id for exercise_id in chosen if exercise_id in known]
        wanted = wanted or list(known)
        if len(wanted) != 1:
            raise UsageError(
                f"{self.where}: a grading worksheet belongs to one assignment; name its exercise "
                f"with --column EXERCISE=Grade: {', '.join(known) or 'the class has none'}"
            )

        exercise = known[wanted[0]]
        # The worksheet of an English site needs no --column.
        title = chosen.get(exercise.id, "Grade")
        column = self._titled(title.lower())
        if column is None:
            raise UsageError(
                f"{self.where}: no column `{title}`; if the header is in another language, name "
                f"the column of the grade with --column '{exercise.id}=TITLE': "
                f"{', '.join(self.sheet.header)}"
            )
        return {column: exercise}
