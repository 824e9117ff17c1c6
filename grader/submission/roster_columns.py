"""Find out what the columns of a list of people contain.

Canvas and Gradescope write English titles. Moodle writes them in the language of the site, so
the cells below an unknown title decide what a column contains. ``docs/batch.md`` has the rules.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from grader.submission.roster import ADDRESS
from grader.submission.roster_table import Row, Table
from grader.submission.roster_titles import TITLES
from grader.text import one_line

PARTICIPANT: Final = re.compile(r"([^\d@]*)(\d+)([^\d@]*)")
"""``Participant 17``, with a word in the language of the site before or behind the number."""
NOT_IN_NAMES: Final = re.compile(r"[\d@:/]")
"""A cell with a digit or such a sign is a number, an address, a time or a path."""
# A number of a university has fewer letters: ``s1024``.
_PARTICIPANT_WORD: Final = re.compile(r"[^\W\d_a-zA-Z]|[a-zA-Z]{4}")
_IDENTIFYING: Final = ("learner", "number", "ids", "login", "email", "name", "first", "last")
# A person has one of each, but can have several ids.
_SINGLE: Final = ("learner", "name", "first", "last", "email", "section", "partners", "submitted")
_SHOWN: Final = {
    "learner": ("learner",),
    "name": ("name", "first", "last"),
    "e-mail": ("email",),
    "ids": ("number", "login", "ids"),
    "section": ("section",),
    "partners": ("partners",),
    "submitted": ("submitted",),
}


class Columns(msgspec.Struct, frozen=True):
    """What the columns of a table contain."""

    places: dict[str, list[int]]
    """Each of the kinds in ``roster_titles`` to the places of its columns, from 0."""

    def cell(self, row: Row, what: str) -> str:
        """The cell of ``row`` in the first column that contains ``what``; empty without one."""
        places = self.places[what]
        if not places:
            return ""

        return row.cell(places[0])

    def cells(self, row: Row, *kinds: str) -> list[str]:
        """The cells of ``row`` that contain one of ``kinds`` and are not empty."""
        cells = [row.cell(place) for what in kinds for place in self.places[what]]
        return [cell for cell in cells if cell]

    def titles(self, header: Row) -> dict[str, list[str]]:
        """What people read about the columns: they can check that nothing is mixed up."""
        shown = {}
        for what, kinds in _SHOWN.items():
            titles = [header.cell(place) for kind in kinds for place in self.places[kind]]
            if titles:
                shown[what] = titles

        return shown


def find_columns(table: Table) -> Columns:
    """Find out what the columns of ``table`` contain.

    Raises ``UsageError`` if no column says who somebody is, or if two say the same.
    """
    search = _Search(table)
    search.find_participants()
    search.read_titles()
    search.find_addresses()
    search.find_names()
    search.find_ids()
    places = search.places
    if not any(places[what] for what in _IDENTIFYING):
        titles = ", ".join(table.header.cells)
        shown = one_line(titles, 120)
        raise table.error(f"no names, e-mail addresses or ids below `{shown}`")

    return Columns(places)


class _Search:
    """The columns that are found so far; each step looks at those that are still free."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.places: dict[str, list[int]] = {what: [] for what in TITLES.values()}

    def find_participants(self) -> None:
        """Find the first column of a Moodle worksheet: ``Participant 17`` in any language."""
        table = self._table
        what = TITLES.get(table.titles[0], "ids")
        if table.is_canvas or what != "ids":
            return

        words = set()
        numbers = set()
        for row in table.rows:
            match = PARTICIPANT.fullmatch(row.cell(0))
            if match is not None:
                before, number, behind = match.groups()
                words.add(f"{before}{behind}")
                numbers.add(number)

        # The word is the same in every row, and each row has another number.
        is_word = all(_PARTICIPANT_WORD.search(word) for word in words)
        if len(words) == 1 and is_word and len(numbers) == len(table.rows):
            self.places["number"].append(0)

    def read_titles(self) -> None:
        """Find the columns whose titles are known."""
        table = self._table
        end = len(table.titles)
        # The columns behind the section are assignments, which can have any title.
        if table.is_canvas:
            end = table.titles.index("section") + 1

        for place, title in enumerate(table.titles[:end]):
            if title in TITLES and not self._is_used(place):
                self.places[TITLES[title]].append(place)

        self._refuse_two_of_a_kind()
        if table.is_canvas:
            number = table.titles.index("id")
            self.places["ids"].remove(number)
            self.places["number"].append(number)

    def _refuse_two_of_a_kind(self) -> None:
        header = self._table.header
        for what in _SINGLE:
            places = self.places[what]
            if len(places) < 2:
                continue

            shown = [f"`{header.cell(place)}`" for place in places]
            titles = " and ".join(shown)
            problem = f"{titles} both look like the {what}"
            raise self._table.error(problem, header.line, "rename one of them")

    def find_addresses(self) -> None:
        """Find the columns of e-mail addresses by their content."""
        for place in self._free():
            filled = self._filled(place)
            addresses = [cell for cell in filled if ADDRESS.fullmatch(cell)]
            if _are_most(addresses, filled):
                # A second address identifies a person as well.
                what = "ids" if self.places["email"] else "email"
                self.places[what].append(place)

    def find_names(self) -> None:
        """Find the names, in one column or two, by titles or by content."""
        places = self.places
        # ``Name, Vorname`` are the last name and the first one.
        if places["name"] and places["first"] and not places["last"]:
            places["last"] = self._take("name")
        elif places["name"] and places["last"] and not places["first"]:
            places["first"] = self._take("name")

        if places["name"] or (places["first"] and places["last"]):
            return

        known = self._take("first") or self._take("last")
        found = self._likely_names() or self._likely_names(behind=True)
        likely = sorted({*known, *found})
        full = [place for place in likely if self._has_full_names(place)]
        if full:
            places["name"] = full[:1]
        elif len(likely) > 1:
            places["first"] = likely[:1]
            places["last"] = likely[1:2]
        else:
            places["name"] = likely

    def _likely_names(self, *, behind: bool = False) -> list[int]:
        """The columns before or behind the e-mail address that contain words without digits."""
        table = self._table
        if self._names_everybody():
            return []

        end = len(table.titles)
        if self.places["email"] and not behind:
            end = self.places["email"][0]

        likely = []
        for place in self._free():
            filled = self._filled(place)
            words = [cell for cell in filled if not NOT_IN_NAMES.search(cell)]
            # A word that is the same in every row is a course or a status.
            differ = len(set(filled)) > 1 or len(table.rows) == 1
            if place < end and differ and _are_most(words, filled):
                likely.append(place)

        return likely

    def _has_full_names(self, place: int) -> bool:
        """Whether more than two of three cells have several words."""
        filled = self._filled(place)
        full = [cell for cell in filled if " " in cell or "," in cell]
        return len(full) * 3 > len(filled) * 2

    def find_ids(self) -> None:
        """Find the columns of user names and numbers before the address, by their content."""
        if self._names_everybody() or not self.places["email"]:
            return

        (address,) = self.places["email"]
        for place in self._free():
            filled = self._filled(place)
            if place > address or not filled:
                continue

            is_unique = len(set(filled)) == len(filled)
            has_spaces = any(" " in cell for cell in filled)
            if is_unique and not has_spaces:
                self.places["ids"].append(place)

    def _names_everybody(self) -> bool:
        """Whether a column ``learner`` names each person, as in our own format.

        In the export of a system, it names only those whose folder was not clear.
        """
        places = self.places["learner"]
        rows = self._table.rows
        # Without a row, no name is missing.
        return all(places and row.cell(places[0]) for row in rows)

    def _take(self, what: str) -> list[int]:
        """Remove the columns of a kind, and return their places."""
        places = self.places[what]
        self.places[what] = []
        return places

    def _is_used(self, place: int) -> bool:
        return any(place in places for places in self.places.values())

    def _free(self) -> list[int]:
        table = self._table
        end = len(table.titles)
        if table.is_canvas:
            end = table.titles.index("section")

        return [place for place in range(end) if not self._is_used(place)]

    def _filled(self, place: int) -> list[str]:
        cells = [row.cell(place) for row in self._table.rows]
        return [cell for cell in cells if cell]


def _are_most(some: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether ``some`` are at least four of five cells: people leave notes in a column too."""
    return len(some) > 0 and len(some) * 5 >= len(cells) * 4
