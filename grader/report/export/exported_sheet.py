"""Filling points into a file that another system exported.

``canvas`` and ``moodle`` say how to read their files: which rows are people, which columns
take points, and which cells must stay. Everything else is the same for both and stands here.
"""

import re
import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

import msgspec

from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.learner import Learner
from grader.report.export import matching
from grader.report.export.scores import Score, parts, score
from grader.report.export.worksheet import Worksheet

NOTHING = ("", "-")
"""What a cell without a grade contains."""


class Filled(msgspec.Struct, frozen=True):
    """The file with points in it, and a sentence about everything that was left unchanged."""

    content: bytes
    count: int
    """Cells that were filled in."""
    notices: list[str]
    missing: int
    """Rows and learners that got no points, without those whom the system itself left out."""


class Options(msgspec.Struct, frozen=True):
    """What the instructor decided on the command line."""

    scales: Mapping[str, float] = {}
    """Exercise to the maximum of its column; the empty id stands for every exercise."""
    overwrite: bool = False
    """Whether locked cells, and grades that may be newer, are replaced."""
    comment: Callable[[ClassResults, str, Sequence[GradedExercise]], str] | None = None
    """Makes the comment about exercises of a learner; None for no comments."""

    def scale(self, exercise: GradedExercise) -> float | None:
        """The maximum that was named for the column of ``exercise``."""
        return self.scales.get(exercise.id, self.scales.get(""))


class Column(msgspec.Struct, frozen=True):
    """A column that can be filled in."""

    exercise: GradedExercise
    worth: float
    """Its maximum."""
    sign: str
    """Its decimal sign."""


class ExportedSheet(ABC):
    """An exported file with a row per learner and columns that take points.

    Raises ``UsageError`` if the file is not one that the system exports.
    """

    has_one_exercise: ClassVar[bool] = False
    """Whether the file belongs to one exercise, so that no column is missing for the others."""
    excused: ClassVar[str] = ""
    """What a cell contains if its learner is excused; empty if nothing says so."""

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
        """What identifies the person in ``row``, the strongest first and the name last."""

    @abstractmethod
    def columns(
        self, results: ClassResults, chosen: Mapping[str, str]
    ) -> dict[int, GradedExercise]:
        """The columns that take points, each with its exercise.

        ``chosen`` maps the id of an exercise of the class to the title of its column.
        """

    @abstractmethod
    def maximum(self, column: int) -> float | None:
        """The points that the cells of this column are worth; None if that is not certain."""

    def locked(self, _row: int, _column: int) -> str:
        """Why this cell must stay unchanged; empty if it may be filled in."""
        return ""

    def maximum_cell(self, _column: int) -> str:
        """The maximum as the file writes it; empty if it does not."""
        return ""

    def obstacle(self, _column: int, _scale: float | None) -> str:
        """Why a column takes no points, whatever its maximum; empty if it takes them."""
        return ""

    def newer(self, _row: int, _column: int, _results: ClassResults) -> str:
        """Why the grade in this cell may be newer than ours; empty if it is not."""
        return ""

    def comments(self) -> int | None:
        """The column of comments; None if the file has none, or if that is not certain."""
        return None

    def is_excused(self, _row: int, _column: int) -> bool:
        """Whether the system itself wants no grade there, whatever the instructor overwrites."""
        return False

    def is_anonymous(self, _learner: Learner) -> bool:
        """Whether nothing in the file can say who this learner is."""
        return False

    def is_nobody(self, _row: int) -> bool:
        """Whether no learner belongs to this row, as to that of a test student."""
        return False

    def fill(
        self, results: ClassResults, chosen: Mapping[str, str], options: Options | None = None
    ) -> Filled:
        """The file with the points of ``results``.

        Raises ``UsageError`` if there are columns for them, and none can be filled in.
        """
        options = options or Options()
        matching.require_known(results, filter(None, options.scales), "--scale {}=…")
        matching.require_known(results, chosen, "--column {}=…")
        found = self.columns(results, chosen)
        columns, obstacles = self._decided(found, options)
        if found and not columns:
            raise UsageError("; ".join(obstacles))

        if options.comment and self.comments() is None:
            raise UsageError(
                f"{self.where}: no column is certain to take comments; leave out --comments, or "
                "download the worksheet with feedback comments enabled"
            )

        matches = self.match(results)
        filling = _Filling(self, results, options)
        # A row without a match keeps its points, whoever it is about.
        for row, learner in matches.found.items():
            for number, column in columns.items():
                filling.fill(row, learner, number, column)

        notices = [*obstacles, *filling.notices()]
        notices += self._scale_notices(columns, results)
        absent = self._without_column(results, found)
        notices += self._missing_notices(absent)
        unmatched = [row for row in self.people() if row not in matches.found]
        anonymous = [each.name for each in results.learners if self.is_anonymous(each)]
        notices += self._match_notices(matches, unmatched, anonymous)

        people = [row for row in unmatched if not self.is_nobody(row)]
        learners = matches.missing + matches.ambiguous + anonymous
        left_out = [filling.missing, obstacles, absent, learners, people]
        return Filled(
            content=self.sheet.filled(filling.values | filling.comments),
            count=len(filling.values),
            notices=notices,
            missing=sum(map(len, left_out)),
        )

    def match(self, results: ClassResults) -> matching.Matches:
        """Which row belongs to which learner, of those whom the file can name."""
        rows = {row: self.keys(row) for row in self.people()}
        learners = [each for each in results.learners if not self.is_anonymous(each)]
        return matching.match(rows, learners)

    def title(self, column: int) -> str:
        """The title of a column, for messages."""
        return self.sheet.header[column].strip()

    def sign(self, column: int) -> str:
        """The decimal sign of a column: that of its numbers, or else of the whole file."""
        own = [self.sheet.cell(row, column) for row in range(1, len(self.sheet.rows))]
        every = []
        for row in self.sheet.rows[1:]:
            every += [cell.strip() for cell in row]

        for cells in ([self.maximum_cell(column)], own, every):
            for sign in ".,":
                # Three digits may be thousands.
                number = re.compile(rf"\d+[{sign}](?:\d\d?|\d{{4,}})(?: ?%)?")
                if any(map(number.fullmatch, cells)):
                    return sign

        # A comma cannot be both, so systems separate cells by a semicolon.
        if self.sheet.delimiter == ";":
            return ","

        return "."

    def _decided(
        self, found: Mapping[int, GradedExercise], options: Options
    ) -> tuple[dict[int, Column], list[str]]:
        """The columns whose maximum is certain, and why others are left unchanged."""
        columns = {}
        obstacles = []
        for number, exercise in found.items():
            scale = options.scale(exercise)
            worth = self.maximum(number)
            title = self.title(number)
            obstacle = self.obstacle(number, scale)
            if obstacle:
                obstacles.append(f"{self.where}: the column `{title}` of {exercise.id} {obstacle}")
            elif worth is None and scale is None:
                # The title of an assignment can have spaces.
                own_scale = shlex.quote(f"{exercise.id}=100")
                obstacles.append(
                    f"{self.where} names no maximum for the column `{title}` of {exercise.id}, so "
                    f"nothing is written there; name it, for example with --scale 100 or "
                    f"--scale {own_scale}"
                )
            elif worth is not None and scale is not None and worth != scale:
                obstacles.append(
                    f"{self.where}: the maximum of the column `{title}` is {worth:g}, not "
                    f"{scale:g}; leave out --scale"
                )
            else:
                value = scale if worth is None else worth
                columns[number] = Column(exercise, value or 0, self.sign(number))

        return columns, obstacles

    def _match_notices(
        self, matches: matching.Matches, unmatched: list[int], anonymous: list[str]
    ) -> Iterator[str]:
        names = [self.name(row) for row in unmatched]
        yield from matching.sentence("no row for these learners", matches.missing)
        yield from matching.sentence(
            "no row for these learners, because an anonymous download hides who they are", anonymous
        )
        yield from matching.sentence(
            "more than one row fits these learners, so none was filled in", matches.ambiguous
        )
        yield from matching.sentence(
            "no learner of the class fits these rows, which are unchanged", names
        )

    def _scale_notices(self, columns: Mapping[int, Column], results: ClassResults) -> Iterator[str]:
        for number, column in columns.items():
            exercise = column.exercise
            title = self.title(number)
            if not column.worth:
                yield f"the column `{title}` is worth 0 points, so points are not scaled"
                continue

            maxima = set()
            for learner in results.learners:
                found = score(results, learner.name, exercise)
                if found is not None:
                    maxima.add(found.max_points)

            maxima = maxima or {exercise.max_points}
            # Usually this is one number; a rubric may have changed between two grades.
            for maximum in sorted(maxima - {column.worth}):
                yield (
                    f"{exercise.id} has {maximum:g} points here and {column.worth:g} in the "
                    f"column `{title}`, so points are scaled"
                )

    def _without_column(
        self, results: ClassResults, columns: Mapping[int, GradedExercise]
    ) -> list[str]:
        """The exercises whose points have no column in a file that is not for one exercise."""
        if self.has_one_exercise:
            return []

        taken = {exercise.id for exercise in columns.values()}
        # A column for an assignment is one for each of its exercises, and the other way round.
        for assignment in results.assignments:
            if assignment.title in taken:
                taken.update(assignment.exercises)
            elif not taken.isdisjoint(assignment.exercises):
                taken.add(assignment.title)

        return [exercise.id for exercise in results.exercises if exercise.id not in taken]

    def _missing_notices(self, missing: list[str]) -> list[str]:
        notices = matching.sentence(
            f"{self.where} has no column for these exercises (use --column)", missing
        )
        if missing:
            titles = [title.strip() for title in self.sheet.header if title.strip()]
            notices += matching.sentence("its columns", titles)

        return notices


class _Filling:
    """The cells that are filled in, and why others are not."""

    def __init__(self, sheet: ExportedSheet, results: ClassResults, options: Options) -> None:
        self.values: dict[tuple[int, int], str] = {}
        self.comments: dict[tuple[int, int], str] = {}
        self.missing: set[int] = set()
        """Rows with a cell that took no points, though it could have."""
        self._sheet = sheet
        self._results = results
        self._options = options
        self._unchanged: list[str] = []
        self._nothing: dict[str, list[str]] = {}
        self._replaced: list[str] = []
        self._commented: list[str] = []
        self._weak: list[str] = []
        self._can_overwrite = False

    def fill(self, row: int, learner: Learner, number: int, column: Column) -> None:
        """Fill in one cell, or note why not."""
        sheet = self._sheet
        exercise = column.exercise
        # A missing submission is not a zero: the instructor decides about it.
        found = score(self._results, learner.name, exercise)
        locked = sheet.locked(row, number)
        if found is None:
            if not locked:
                self._nothing.setdefault(exercise.id, []).append(learner.name)
                self.missing.add(row)

            return

        present = sheet.sheet.cell(row, number)
        points = matching.scaled(found.points, found.max_points, column.worth, column.sign)
        if found.is_excused:
            points = sheet.excused

        reason = self._reason(row, number, found, locked)
        if reason:
            self._unchanged.append(f"{learner.name}, {exercise.id}: unchanged, {reason}")
            # Who is excused is not missing.
            if not sheet.is_excused(row, number) and not found.is_excused:
                self.missing.add(row)
                if not found.is_ungraded:
                    self._can_overwrite = True

            return

        if present not in NOTHING and matching.number(present) != matching.number(points):
            self._replaced.append(f"{learner.name}, {exercise.id}: {present}")

        self.values[row, number] = points
        grade = self._results.grade(learner.name, exercise.id)
        if grade is not None and grade.weak_isolation:
            layers = ", ".join(grade.weak_isolation)
            self._weak.append(f"{learner.name}, {exercise.id}: without {layers}")

        self._comment(row, learner, exercise)

    def notices(self) -> Iterator[str]:
        """A sentence about each cell that is unchanged or had another grade."""
        yield from self._unchanged
        if self._can_overwrite:
            yield "--overwrite writes locked and newer grades all the same"

        for exercise_id, names in self._nothing.items():
            what = f"{exercise_id}: nothing was submitted, so these rows are unchanged"
            yield from matching.sentence(what, names)

        what = "their comments are unchanged, because there are some (--overwrite replaces them)"
        yield from matching.sentence(what, self._commented)
        yield from matching.sentence("other grades that were replaced", self._replaced)
        what = "graded without layers of the sandbox that separate submissions"
        yield from matching.sentence(what, self._weak)

    def _comment(self, row: int, learner: Learner, exercise: GradedExercise) -> None:
        """Fill in the comment of a row, unless an instructor wrote one."""
        number = self._sheet.comments()
        if self._options.comment is None or number is None:
            return
        if self._sheet.sheet.cell(row, number) and not self._options.overwrite:
            self._commented.append(learner.name)
        else:
            exercises = parts(self._results, exercise)
            comment = self._options.comment(self._results, learner.name, exercises)
            self.comments[row, number] = comment

    def _reason(self, row: int, number: int, found: Score, locked: str) -> str:
        """Why the cell stays unchanged; empty if it is filled in."""
        sheet = self._sheet
        has_grade = sheet.sheet.cell(row, number) not in NOTHING
        if locked and not (self._options.overwrite and not sheet.is_excused(row, number)):
            return locked
        # Neither is a failure of the grader a zero.
        if found.is_ungraded:
            return "the grader failed"
        if found.is_excused and not sheet.excused:
            return "excused; this file cannot say so"
        if has_grade and not self._options.overwrite:
            if found.is_absent:
                return "nothing was submitted, and the cell has a grade"
            return sheet.newer(row, number, self._results)

        return ""
