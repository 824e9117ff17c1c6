"""Filling points into a file that another system exported.

``canvas`` and ``moodle`` say how to read their files: which rows are people, which columns
take points, and which cells must stay. Everything else is the same for both and stands here.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar

import msgspec

from grader.grades.class_results import ClassResults, GradedExercise
from grader.report.export import matching
from grader.report.export.worksheet import Worksheet


class Filled(msgspec.Struct, frozen=True):
    """The file with points in it, and a sentence about everything that was left unchanged."""

    content: bytes
    count: int
    """Cells that were filled in."""
    notices: list[str]


class ExportedSheet(ABC):
    """An exported file with a row per learner and columns that take points.

    Raises ``UsageError`` if the file is not one that the system exports.
    """

    has_one_exercise: ClassVar[bool] = False
    """Whether the file belongs to one exercise, so that no column is missing for the others."""

    def __init__(self, content: bytes, where: str) -> None:
        self.where = where
        """The name of the file, for messages."""
        self.sheet = Worksheet.read(content, where)

    @abstractmethod
    def people(self) -> list[int]:
        """The rows that are about a person."""

    @abstractmethod
    def name(self, row: int) -> str:
        """The full name of the person in ``row``."""

    @abstractmethod
    def keys(self, row: int) -> matching.Keys:
        """What identifies the person in ``row``, the strongest first."""

    @abstractmethod
    def columns(
        self, results: ClassResults, chosen: Mapping[str, str]
    ) -> dict[int, GradedExercise]:
        """The columns that take points, each with its exercise.

        ``chosen`` maps the id of an exercise to the title of its column.
        """

    @abstractmethod
    def locked(self, row: int, column: int) -> str:
        """Why this cell must stay unchanged; empty if it may be filled in."""

    @abstractmethod
    def maximum(self, row: int, column: int) -> str:
        """The points that this cell is worth, as the file writes them; empty if unknown."""

    def fill(self, results: ClassResults, chosen: Mapping[str, str]) -> Filled:
        """The file with the points of ``results``."""
        columns = self.columns(results, chosen)
        rows = {row: self.keys(row) for row in self.people()}
        # A row without a match keeps its points, whoever it is about.
        matches = matching.match(rows, results.learners)

        values: dict[tuple[int, int], str] = {}
        notices: list[str] = []
        for row, learner in matches.found.items():
            for column, exercise in columns.items():
                # A missing submission is not a zero: the instructor decides about it.
                grade = results.grade(learner.name, exercise.id)
                if grade is None:
                    continue

                # Neither is a failure of the grader. What another system locked stays.
                reason = self.locked(row, column)
                if not reason and grade.status == "ungraded":
                    reason = "the grader failed"
                if reason:
                    notices.append(f"{learner.name}, {exercise.id}: unchanged, {reason}")
                    continue

                maximum = self.maximum(row, column)
                points = matching.scaled(grade.points, exercise, maximum)
                values[row, column] = points

        notices += self._scale_notices(columns)
        notices += self._missing_notices(results, columns)
        notices += self._match_notices(matches)
        return Filled(
            content=self.sheet.filled(values),
            count=len(values),
            notices=notices,
        )

    def _match_notices(self, matches: matching.Matches) -> Iterator[str]:
        unmatched = [self.name(row) for row in self.people() if row not in matches.found]
        leftovers = {
            "no row for these learners": matches.missing,
            "more than one row fits these learners, so none was filled in": matches.ambiguous,
            "no learner of the class fits these rows, which are unchanged": unmatched,
        }
        for what, names in leftovers.items():
            yield from matching.sentence(what, names)

    def _scale_notices(self, columns: Mapping[int, GradedExercise]) -> Iterator[str]:
        for column, exercise in columns.items():
            worths = {matching.number(self.maximum(row, column)) for row in self.people()}
            # Usually this is one number; a column without a maximum takes points unscaled.
            for worth in worths - {None, 0, exercise.max_points}:
                yield (
                    f"{exercise.id} has {exercise.max_points} points here and {worth:g} in the "
                    f"column `{self.sheet.header[column]}`, so points are scaled"
                )

    def _missing_notices(
        self, results: ClassResults, columns: Mapping[int, GradedExercise]
    ) -> list[str]:
        if self.has_one_exercise:
            return []

        taken = columns.values()
        missing = [exercise.id for exercise in results.exercises if exercise not in taken]
        return matching.sentence(
            f"{self.where} has no column for these exercises (use --column)", missing
        )
