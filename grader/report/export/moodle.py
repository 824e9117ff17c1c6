"""Moodle: the grading worksheet of an assignment, or a grade export.

The rules are those of Moodle's importers (moodle/moodle, ``mod/assign/feedback/offline`` and
``grade/import/csv``); ``docs/exports.md`` lists them.
"""

import math
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final

import msgspec

from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise
from grader.report.export import matching, moodle_words
from grader.report.export.exported_sheet import NOTHING, ExportedSheet
from grader.report.export.moodle_words import Kind
from grader.submission.roster import ADDRESS, form
from grader.text import single_spaced

_PARTICIPANT: Final = re.compile(r"[^\d@]+(\d+)")
# ``Assignment: exercise1 (Real)`` in any language: the kind of activity, and what is shown.
_ACTIVITY: Final = re.compile(r"^[^:]{1,40}:\s*")
_SHOWN: Final = re.compile(r"\s*\([^()]*\)$")
_FULL_WIDTH: Final = str.maketrans("\uff1a\uff08\uff09", ":()")
_PERCENT: Final = 100.0
"""The maximum that ``--scale`` names for a column of percentages."""
_FEWEST_ITEMS: Final = 2
"""A scale has at least so many words."""


def open_sheet(content: bytes, where: str) -> "GradeExport | GradingWorksheet":
    """The file as what it is: a grading worksheet has a column of participants."""
    export = GradeExport(content, where)
    # The headers are in the language of the site, so the content decides.
    if export.participants is not None:
        return GradingWorksheet(content, where)

    return export


class GradeExport(ExportedSheet):
    """A grade export: a column for each exercise, which belongs to the whole course."""

    def people(self) -> list[int]:
        """Every row that is not empty; a spreadsheet that saved the file may have added some."""
        numbers = range(1, len(self.sheet.rows))
        return [row for row in numbers if any(self.sheet.rows[row])]

    @cached_property
    def participants(self) -> int | None:
        """The column in which each row has a number of its own, like ``Participant 17``.

        The header and the word before the number are in the language of the Moodle site.
        """
        if self._cells(0) and self.title(0) == "Identifier":
            return 0
        if self._are_participants(0):
            return 0

        # Somebody can have moved the column. In a grade export, ``ID number`` has such cells too.
        moved = self._titled("identifier", "id")
        if moved is not None and self._are_participants(moved):
            return moved

        return None

    def _are_participants(self, column: int) -> bool:
        # The first column of a grade export has names, of which some may end in a number.
        cells = self._cells(column)
        numbers = set()
        for cell in cells:
            found = _PARTICIPANT.fullmatch(cell)
            if found is not None:
                numbers.add(found[1])

        return bool(cells) and len(numbers) == len(cells)

    def name(self, row: int) -> str:
        """A grade export writes the name in two columns, a worksheet in one."""
        first, last = self._two_names(row)
        if first or last:
            return f"{first} {last}".strip()

        # In a worksheet, the name comes after the participant in every language.
        column = self._titled("full name")
        if column is None and self.participants:
            column = 0
        elif column is None:
            column = 1

        return self.sheet.cell(row, column)

    def keys(self, row: int) -> matching.Keys:
        """E-mail address, then user name and ID number, then the full name."""
        # The title of this column depends on the language, its content does not.
        cells = map(str.strip, self.sheet.rows[row])
        addresses = filter(ADDRESS.fullmatch, cells)
        user_name = self._cell(row, "username")
        number = self._cell(row, "id number")
        # The ID number follows the names in every language.
        if self._titled("id number") is None and not self.has_one_exercise:
            number = self.sheet.cell(row, 2)

        return [
            matching.forms(*addresses),
            matching.forms(user_name, number),
            *matching.name_keys(self.name(row)),
        ]

    def columns(
        self, results: ClassResults, chosen: Mapping[str, str]
    ) -> dict[int, GradedExercise]:
        """The column of an exercise has its id or its title in the header.

        Of several columns of one item, that with points counts.
        """
        written = dict(enumerate(self.sheet.header))
        known = {exercise.id: exercise for exercise in results.exercises}

        # A title on the command line is compared with the title as it is written first.
        exact = {}
        rest = {}
        for exercise_id, title in chosen.items():
            numbers = matching.titled(written, title)
            if len(numbers) == 1 and numbers[0] not in exact:
                exact[numbers[0]] = known.pop(exercise_id)
            else:
                rest[exercise_id] = self._item(title)

        kinds = {}
        free = {}
        for number, title in written.items():
            kinds[number] = self.kind(number)
            if kinds[number] is not Kind.FEEDBACK and number not in exact:
                free[number] = self._item(title)

        others = msgspec.structs.replace(results, exercises=list(known.values()))
        found = matching.exercise_columns(others, free, rest, self.where, kinds)
        return found | exact

    def obstacle(self, column: int, scale: float | None) -> str:
        """Moodle imports points, not percentages and letters."""
        advice = "export again with the grade display type Real"
        kind = self.kind(column)
        if kind is Kind.PERCENT and scale != _PERCENT:
            return (
                f"shows percentages, and Moodle imports points, so nothing is written there; "
                f"{advice}, or add --scale 100"
            )

        if kind in (Kind.WORDS, Kind.FEEDBACK):
            return f"shows letters or words, so nothing is written there; {advice}"

        return ""

    def maximum(self, column: int) -> float | None:
        """A grade export has none, but points beside their percentage tell it."""
        if self.kind(column) is Kind.PERCENT:
            return None

        item = self._item(self.title(column))
        for other in range(len(self.sheet.header)):
            other_item = self._item(self.title(other))
            if form(other_item) == form(item) and self.kind(other) is Kind.PERCENT:
                return self._maximum_by(column, other)

        return None

    def kind(self, column: int) -> Kind:
        """What a column shows, by its title and by the cells that have a grade."""
        by_title = moodle_words.kind_of_title(self.sheet.header[column])
        if by_title is Kind.FEEDBACK:
            return by_title

        graded = [cell for cell in self._cells(column) if cell not in NOTHING]
        # A cell says more than a title in a language that nobody here knows.
        if any("%" in cell or "\u066a" in cell for cell in graded):
            return Kind.PERCENT
        if any(matching.number(cell) is None for cell in graded):
            return Kind.WORDS
        if graded and by_title is Kind.UNKNOWN:
            return Kind.POINTS

        return by_title

    def _maximum_by(self, column: int, percentages: int) -> float | None:
        """The only whole number that fits all points and their percentages; None without one."""
        low, high = 0.0, float("inf")
        for row in self.people():
            points = self.sheet.cell(row, column)
            percentage = self.sheet.cell(row, percentages).rstrip("%\u066a \u00a0")
            value = matching.number(points)
            share = matching.number(percentage)
            if not value or not share:
                continue

            # Both are rounded to the decimals that are shown.
            value_error = _rounding(points)
            share_error = _rounding(percentage)
            least = (value - value_error) * 100 / (share + share_error)
            most = (value + value_error) * 100 / (share - share_error)
            low = max(low, least)
            high = min(high, most)

        if math.isinf(high):
            return None

        first = math.ceil(low)
        if first != math.floor(high):
            return None

        return float(first)

    def _item(self, title: str) -> str:
        """A title without the kind of the activity and without what the column shows."""
        words = single_spaced(title)
        # Chinese and Japanese write these signs in full width.
        item = words.translate(_FULL_WIDTH)
        item = _SHOWN.sub("", item)
        return _ACTIVITY.sub("", item)

    def _two_names(self, row: int) -> tuple[str, str]:
        """The first and the last name; both empty if the file writes them in one column."""
        first = self._cell(row, "first name")
        last = self._cell(row, "last name", "surname")
        if first or last or self.has_one_exercise:
            return first, last

        # In every language, both names come first in a grade export.
        first = self.sheet.cell(row, 0)
        last = self.sheet.cell(row, 1)
        for cell in (first, last):
            if cell.isdecimal() or ADDRESS.fullmatch(cell):
                return "", ""

        return first, last

    def _cells(self, column: int) -> list[str]:
        """The cells of a column that belong to people."""
        return [self.sheet.cell(row, column) for row in self.people()]

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


def _rounding(written: str) -> float:
    """Half of the last decimal that is shown."""
    _, _, decimals = written.replace(",", ".").partition(".")
    return float(0.5 * 10 ** -len(decimals.strip())) + 1e-9


class GradingWorksheet(GradeExport):
    """The grading worksheet of one assignment.

    Its columns have an order that no language changes: participant, name, …, status, grade,
    maximum or scale, workflow state, whether the grade can be changed, times, feedback.
    """

    has_one_exercise = True

    def keys(self, row: int) -> matching.Keys:
        """The participant first: a downloaded submission has that number in its name."""
        forms = matching.forms(self._identifier(row), self.participant(row))
        return [forms, *super().keys(row)]

    def participant(self, row: int) -> str:
        """The number of the person in ``row``, as in the names of downloaded files."""
        number = re.search(r"\d+", self._identifier(row))
        if number is None:
            return ""

        return number[0]

    def _identifier(self, row: int) -> str:
        return self.sheet.cell(row, self.participants or 0)

    def columns(
        self, results: ClassResults, chosen: Mapping[str, str]
    ) -> dict[int, GradedExercise]:
        """The one column of the grade, for the exercise that ``chosen`` names or the only one."""
        known = {exercise.id: exercise for exercise in results.exercises}
        wanted = list(chosen) or list(known)
        if len(wanted) != 1:
            names = ", ".join(known) or "the class has none"
            raise UsageError(
                f"{self.where}: a grading worksheet belongs to one assignment; name its exercise "
                f"with --column EXERCISE=Grade: {names}"
            )

        exercise = known[wanted[0]]
        column = self._grade
        if chosen:
            column = self._named(chosen[exercise.id])
        if column is None:
            raise UsageError(
                f"{self.where}: which column takes the grade is not certain; name it with "
                f"--column '{exercise.id}=TITLE': {', '.join(self.sheet.header)}"
            )

        return {column: exercise}

    def _named(self, title: str) -> int:
        """The column that the command line names; ``Grade`` works in every language."""
        titles = dict(enumerate(self.sheet.header))
        numbers = matching.titled(titles, title)
        if not numbers and form(title) == "grade" and self._grade is not None:
            return self._grade
        if len(numbers) != 1:
            found = "several columns" if numbers else "no column"
            names = ", ".join(self.sheet.header)
            raise UsageError(f"{self.where}: {found} `{title}`; choose from {names}")

        return numbers[0]

    def locked(self, row: int, column: int) -> str:
        """A worksheet says of each row whether its grade can be changed."""
        answers = self._answers(column)
        if answers is None:
            return ""

        answer = form(self.sheet.cell(row, answers))
        if answer in moodle_words.NO:
            return "its grade cannot be changed"
        if answer in moodle_words.YES or not answer:
            return ""

        return (
            f"the column `{self.title(answers)}` says `{answer}`, which may mean that its grade "
            "cannot be changed"
        )

    def newer(self, row: int, column: int, results: ClassResults) -> str:
        """A worksheet says when each grade was last changed."""
        changed = self._changed(column)
        if changed is None:
            return ""

        when = self.sheet.cell(row, changed)
        if when in NOTHING or moodle_words.is_older(when, results.graded_at):
            return ""

        return f"its grade in Moodle may be newer: {when}"

    def obstacle(self, column: int, _scale: float | None) -> str:
        """A scale has words, and letters are no points."""
        if self._scale_items(column + 1):
            items = self._only(column + 1)
            return (
                f"takes a word of the scale `{items}`, so nothing is written there; in Moodle, "
                "let the assignment be graded with points"
            )

        for cell in self._cells(column):
            if cell not in NOTHING and matching.number(cell) is None:
                return "has grades that are not numbers, so nothing is written there"

        return ""

    def maximum(self, column: int) -> float | None:
        """The number right of the grade, which is the same in every row."""
        return matching.number(self.maximum_cell(column)) or None

    def maximum_cell(self, column: int) -> str:
        """What stands right of the grade."""
        titled = self._titled("maximum grade", "maximum")
        if titled is None:
            titled = column + 1

        return self._only(titled)

    def comments(self) -> int | None:
        """The column of the comments, which is right of all times; None if that is not certain."""
        first = 0
        if self._grade is not None:
            first = self._grade + 1

        has_times = False
        for number in range(first, len(self.sheet.header)):
            if self._are_times(number):
                has_times = True
                first = number + 1

        after = range(first, len(self.sheet.header))
        named = [number for number in after if moodle_words.is_comment(self.sheet.header[number])]
        if len(named) == 1:
            return named[0]
        # Without times, nothing says that the last column is not something else.
        if has_times and len(after) == 1:
            return after[0]

        return None

    @cached_property
    def _grade(self) -> int | None:
        """The column of the grade, by its title and by what stands right of it."""
        by_title = []
        by_content = []
        for number, title in enumerate(self.sheet.header):
            if number and form(title) in moodle_words.GRADE:
                by_title.append(number)
            if number > 1 and self._can_be_grade(number):
                by_content.append(number)

        both = [number for number in by_title if number in by_content]
        # A maximum is a number too, but no other maximum is right of it.
        sure = [number for number in by_content if self._has_worth(number)]
        for numbers in (both, by_title, sure, by_content):
            if len(numbers) == 1:
                return numbers[0]
            if numbers:
                return None

        return None

    def _can_be_grade(self, column: int) -> bool:
        """Whether numbers or nothing stand there, left of a maximum or of yes and no."""
        items = self._scale_items(column + 1)
        for cell in self._cells(column):
            is_possible = cell in NOTHING or form(cell) in items
            if not is_possible and matching.number(cell) is None:
                return False

        start = column + 1
        if self._has_worth(column):
            start = column + 2

        # The state of the workflow may stand before the answers.
        return any(self._are_answers(number) for number in (start, start + 1))

    def _has_worth(self, column: int) -> bool:
        """Whether a maximum or a scale is right of this column."""
        right = column + 1
        return bool(matching.number(self._only(right)) or self._scale_items(right))

    def _answers(self, column: int) -> int | None:
        """The column that says whether a grade can be changed."""
        titled = self._titled("grade can be changed")
        if titled is not None:
            return titled

        for number in range(column + 1, min(column + 5, len(self.sheet.header))):
            if self._are_answers(number):
                return number

        # In a language that nobody here knows, two words stand there.
        likely = column + 2
        words = set(self._cells(likely))
        has_maximum = matching.number(self._only(column + 1)) is not None
        if not has_maximum or len(words) > _FEWEST_ITEMS or self._are_times(likely):
            return None

        for word in words:
            if not word or matching.number(word) is not None:
                return None

        return likely

    def _changed(self, column: int) -> int | None:
        """The column that says when a grade was changed: the last one with times."""
        titled = self._titled("last modified (grade)")
        if titled is not None:
            return titled

        right = range(column + 1, len(self.sheet.header))
        for number in reversed(right):
            if self._are_times(number):
                return number

        return None

    def _are_answers(self, column: int) -> bool:
        answers = {form(cell) for cell in self._cells(column)}
        # A column of 1 or 0 can be anything.
        if not answers or any(answer.isdigit() for answer in answers):
            return False

        return answers <= moodle_words.YES | moodle_words.NO

    def _are_times(self, column: int) -> bool:
        shown = [cell for cell in self._cells(column) if cell]
        if not shown:
            return False

        return all(moodle_words.is_time(cell) for cell in shown)

    def _only(self, column: int) -> str:
        """What a column has in every row that is not empty; empty if that differs."""
        if column >= len(self.sheet.header):
            return ""

        filled = {cell for cell in self._cells(column) if cell}
        if len(filled) != 1:
            return ""

        return filled.pop()

    def _scale_items(self, column: int) -> list[str]:
        """The words of the scale that a column has in every row; none if it has no scale."""
        text = self._only(column)
        items = [form(item) for item in text.split(",")]
        # ``1,000`` is a number that can be read in two ways.
        is_scale = len(items) >= _FEWEST_ITEMS and not re.fullmatch(r"\d+,\d+", text)
        # A date has commas too.
        if is_scale and not moodle_words.is_time(text):
            return items

        return []
