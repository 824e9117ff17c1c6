"""Canvas: the gradebook that an instructor exported.

The rules are those of Canvas's importer (instructure/canvas-lms, ``lib/gradebook_importer.rb``)
and exporter (``lib/gradebook_exporter.rb``); ``docs/exports.md`` lists them.
"""

import re
from collections.abc import Mapping
from typing import Final

from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.learner import Learner
from grader.report.export import matching
from grader.report.export.exported_sheet import ExportedSheet

_KEYS: Final = ("ID", "SIS User ID", "SIS Login ID")
_NAMES: Final = {"Student", "LastName", "FirstName"}
_PEOPLE: Final = {*_KEYS, *_NAMES, "Integration ID", "Root Account", "Section"}
_COMPUTED: Final = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
_READ_ONLY: Final = re.compile(r"read\s+only")
# The cells of a row that only says which assignments are posted manually.
_POSTING: Final = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
_LOCKED: Final = {"EX": "excused", "N/A": "not assigned"}


class CanvasGradebook(ExportedSheet):
    """A gradebook exported from Canvas."""

    # Canvas imports this as the mark of an excused student.
    excused = "EX"

    def __init__(self, content: bytes, where: str) -> None:
        super().__init__(content, where)
        self._columns = {}
        for column, name in enumerate(self.sheet.header):
            if name in _PEOPLE:
                self._columns[name] = column

        found = self._columns.keys()
        if not {"ID", "Section"} <= found or not {"Student", "LastName"} & found:
            raise UsageError(
                f"{where}: not a gradebook exported from Canvas, whose header has Student, ID and "
                "Section; export it in Canvas under Grades, Export"
            )

        self._possible: int | None = None
        """The row that says how many points each assignment is worth."""
        # Rows about posting come before it, if there are any.
        for row in range(1, len(self.sheet.rows)):
            if "Points Possible" in self.sheet.cell(row, 0):
                self._possible = row
                break

    def people(self) -> list[int]:
        """Every row but the header, the points possible, and what is empty or about posting."""
        rows = []
        for row in range(1, len(self.sheet.rows)):
            cells = self.sheet.rows[row]
            # The pattern also fits an empty cell, and so an empty row.
            is_posting = all(_POSTING.fullmatch(cell) for cell in cells)
            if row != self._possible and not is_posting:
                rows.append(row)

        return rows

    def name(self, row: int) -> str:
        """Canvas writes the name in one column or in two."""
        if "Student" in self._columns:
            return self._cell(row, "Student")

        last = self._cell(row, "LastName")
        first = self._cell(row, "FirstName")
        return f"{last}, {first}"

    def keys(self, row: int) -> matching.Keys:
        """In the order in which Canvas looks for a student."""
        keys = [matching.forms(self._cell(row, name)) for name in _KEYS]
        return keys + matching.name_keys(self.name(row))

    def columns(
        self, results: ClassResults, chosen: Mapping[str, str]
    ) -> dict[int, GradedExercise]:
        """Assignments stand right of the people; computed and read-only columns are left out."""
        first = max(self._columns.values()) + 1

        titles = {}
        for column, title in enumerate(self.sheet.header):
            if column < first or _COMPUTED.search(title):
                continue

            # Canvas writes "(read only)" where other columns have their maximum.
            if not _READ_ONLY.search(self.maximum_cell(column)):
                titles[column] = title

        return matching.exercise_columns(results, titles, chosen, self.where)

    def locked(self, row: int, column: int) -> str:
        """Canvas marks cells of excused students and of those without the assignment."""
        return _LOCKED.get(self.sheet.cell(row, column).upper(), "")

    def is_excused(self, row: int, column: int) -> bool:
        """Canvas locks no other cells."""
        return bool(self.locked(row, column))

    def is_anonymous(self, learner: Learner) -> bool:
        """The number in the name of an anonymous download is not that of the student."""
        return learner.name.startswith("anon_") and not learner.is_listed

    def is_nobody(self, row: int) -> bool:
        """Canvas adds a student to each course, for the instructor to try it out."""
        return self.name(row) == "Student, Test"

    def maximum(self, column: int) -> float | None:
        """The points possible, the same for every student."""
        return matching.number(self.maximum_cell(column))

    def maximum_cell(self, column: int) -> str:
        """The cell of the row with the points possible."""
        if self._possible is None:
            return ""

        return self.sheet.cell(self._possible, column)

    def _cell(self, row: int, name: str) -> str:
        if name not in self._columns:
            return ""
        return self.sheet.cell(row, self._columns[name])
