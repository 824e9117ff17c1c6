"""Read the people of a class from a CSV file: a column ``learner``, or an export of a system.

Canvas and Gradescope write English headers. Moodle writes them in the language of the site, so
the cells below an unknown header say what it is. ``docs/batch.md`` has the rules.
"""

import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from grader.errors import UsageError, os_errors_as
from grader.submission.roster import ADDRESS, Person, Roster, form, name_forms
from grader.submission.roster_titles import STAFF, TITLES
from grader.text import one_line, printable, single_spaced

MAX_BYTES: Final = 8 * 2**20
MAX_PEOPLE: Final = 20_000
MAX_PARTNERS: Final = 100
MAX_COLUMNS: Final = 2000
OWN_HEADER: Final = "learner,name,email,section"
_ADVICE: Final = f"name the export of your system, or a file with the header {OWN_HEADER}"
_DELIMITERS: Final = ",;\t|"
# The beginnings of files that are renamed to .csv or named by mistake.
_OTHER_FILES: Final = {
    b"PK\x03\x04": "an Excel file or an archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
}
# ``Participant 17``, with a word in the language of the site before or behind the number. A
# number of a university has fewer letters: ``s1024``.
_PARTICIPANT: Final = re.compile(r"([^\d@]*)(\d+)([^\d@]*)")
_PARTICIPANT_WORD: Final = re.compile(r"[^\W\d_a-zA-Z]|[a-zA-Z]{4}")
_CANVAS: Final = ("id", "section")
_IDENTIFYING: Final = ("learner", "number", "ids", "login", "email", "name", "first", "last")
# A person has one of each, but can have several ids.
_SINGLE: Final = ("learner", "name", "first", "last", "email", "section", "partners", "submitted")
# A cell with a digit or such a sign is a number, an address, a time or a path.
_NO_NAME: Final = re.compile(r"[\d@:/]")
_SHOWN: Final = {
    "learner": ("learner",),
    "name": ("name", "first", "last"),
    "e-mail": ("email",),
    "ids": ("number", "login", "ids"),
    "section": ("section",),
    "partners": ("partners",),
    "submitted": ("submitted",),
}
_NO_TIME: Final = ("-", "–")
_TEST_STUDENT: Final = "student, test"
# Lines that can stand above the header.
_MOST_ABOVE: Final = 10
# Marks of direction and of no width, which spreadsheets leave at the ends of cells.
_INVISIBLE: Final = " \u200b\u200e\u200f\u2060\ufeff"


class _Row(msgspec.Struct, frozen=True):
    line: int
    cells: list[str]

    def cell(self, column: int | None) -> str:
        if column is None or column >= len(self.cells):
            return ""
        return self.cells[column]


def read_roster(path: Path) -> Roster:
    """Read the people in the CSV file at ``path``.

    Raises ``UsageError``, which names the line, if the file cannot be read or if two of its
    lines cannot be told apart.
    """
    where = str(path)
    rows = _rows(_text(_content(path), where), where)
    return _Reader(rows, where).roster()


def _content(path: Path) -> bytes:
    with os_errors_as(UsageError, "cannot be read", path, _ADVICE), path.open("rb") as file:
        # A device has no size.
        content = file.read(MAX_BYTES + 1)

    if len(content) > MAX_BYTES:
        limit = f"{MAX_BYTES >> 20} MiB"
        raise UsageError(f"larger than {limit}", place=str(path), advice=_ADVICE)

    return content


def _text(content: bytes, where: str) -> str:
    for start, what in _OTHER_FILES.items():
        if content.startswith(start):
            raise UsageError(f"{what}, not CSV", place=where, advice="save it as CSV in UTF-8")

    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(
            "not UTF-8", place=where, line=line, advice="save it as CSV in UTF-8"
        ) from None

    if "\0" in text:
        raise UsageError("not a text file", place=where, advice="save it as CSV in UTF-8")

    return text


def _encoding(content: bytes) -> str:
    """UTF-8 or what Excel writes as "Unicode text", which may lack its first two bytes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if content[1:2] == b"\0":
        return "utf-16-le"
    if content[:1] == b"\0":
        return "utf-16-be"

    return "utf-8-sig"


def _rows(text: str, where: str) -> list[_Row]:
    """The rows that are not empty."""
    # Excel reads the separator from such a line.
    separator = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if separator is None:
        delimiter = _delimiter(text)
        skipped = 0
    else:
        delimiter = separator[1]
        text = text[separator.end() :]
        skipped = 1

    file = io.StringIO(text, newline="")
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    rows = []
    line = skipped + 1
    try:
        for written in reader:
            # Each column is looked at for every meaning that it can have.
            if len(written) > MAX_COLUMNS:
                raise UsageError(f"more than {MAX_COLUMNS:,} columns", place=where, advice=_ADVICE)
            cells = [_clean(cell) for cell in written]
            if any(cells):
                rows.append(_Row(line, cells))
            if len(rows) > MAX_PEOPLE:
                raise UsageError(f"more than {MAX_PEOPLE:,} lines", place=where, advice=_ADVICE)

            line = reader.line_num + skipped + 1
    except csv.Error as error:
        advice = "close every quote, and export the file again"
        raise UsageError(f"not CSV ({error})", place=where, line=line, advice=advice) from None

    if not rows:
        raise UsageError("an empty file", place=where, advice=_ADVICE)
    return rows


def _delimiter(text: str) -> str:
    """The delimiter that gives the header most cells.

    Of two that give equally many, the one with fewer spaces behind it:
    ``Last name, First name;E-mail`` has two cells.
    """
    lines = [line for line in text.splitlines() if line.strip()][:_MOST_ABOVE]
    header = ""
    if lines:
        header = max(lines, key=_known_in)
        # Of equal lines, ``max`` takes the first one.
        if _known_in(header) < 2:
            header = lines[0]

    # A delimiter within quotes separates nothing.
    bare = re.sub(r'"[^"]*"', "", header)

    def cells(delimiter: str) -> tuple[int, int]:
        spaces = bare.count(f"{delimiter} ")
        return bare.count(delimiter), -spaces

    return max(_DELIMITERS, key=cells)


def _known_in(line: str) -> int:
    """How many kinds of columns a line names, with the delimiter that gives most."""
    return max(_known(line.replace('"', "").split(delimiter)) for delimiter in _DELIMITERS)


def _clean(cell: str) -> str:
    words = single_spaced(cell)
    text = unicodedata.normalize("NFC", words)
    return printable(text.strip(_INVISIBLE))


class _Reader:
    """Finds out what the columns mean, then reads the rows."""

    def __init__(self, rows: Sequence[_Row], where: str) -> None:
        self._where = where
        start = _header(rows)
        self._header, *self._rows = rows[start:]
        self._titles = [form(title) for title in self._header.cells]
        self._notices = [f"line {row.line}: above the header" for row in rows[:start]]
        has_canvas_titles = set(_CANVAS) <= set(self._titles)
        self._is_canvas = has_canvas_titles and "learner" not in self._titles
        self._columns: dict[str, list[int]] = defaultdict(list)
        """``name``, ``email``, … to the numbers of the columns."""
        if any(ADDRESS.fullmatch(cell) for cell in self._header.cells):
            raise self._error("no header", self._header.line)

        self._remove_summaries()
        self._find_participants()
        self._read_titles()
        self._find_addresses()
        self._find_names()
        self._find_ids()
        self._require_people()

    def _require_people(self) -> None:
        """Raise ``UsageError`` if no column says who somebody is."""
        for what in _IDENTIFYING:
            if self._columns[what]:
                return

        titles = ", ".join(self._header.cells)
        shown = one_line(titles, 120)
        raise self._error(f"no names, e-mail addresses or ids below `{shown}`")

    def roster(self) -> Roster:
        """Everybody in the file."""
        people = []
        for row in self._rows:
            person = self._person(row)
            if person is not None:
                people.append(person)

        people = self._without_remarks(people)
        people = self._without_repeats(people)
        people = self._with_ids(people)
        if not people:
            raise self._error("no people in it")

        return Roster(
            file=self._where,
            people=self._with_partners(people),
            columns=self._used_columns(),
            notices=self._notices,
        )

    def _used_columns(self) -> dict[str, list[str]]:
        """What people read about the columns: they can check that nothing is mixed up."""
        shown = {}
        for what, parts in _SHOWN.items():
            titles = []
            for part in parts:
                titles += [self._header.cell(column) for column in self._columns[part]]

            if titles:
                shown[what] = titles

        return shown

    def _error(self, problem: str, line: int | None = None, advice: str = _ADVICE) -> UsageError:
        return UsageError(problem, place=self._where, line=line, advice=advice)

    # Columns

    def _remove_summaries(self) -> None:
        """Remove the rows of a Canvas gradebook that are about its assignments."""
        if not self._is_canvas:
            return

        number = self._titles.index("id")
        kept = []
        for row in self._rows:
            if form(row.cell(0)) == _TEST_STUDENT:
                self._notices.append(f"line {row.line}: the test student of Canvas")
            elif row.cell(number):
                kept.append(row)

        self._rows = kept

    def _read_titles(self) -> None:
        last = len(self._titles)
        # The columns behind the section are assignments, which can have any title.
        if self._is_canvas:
            last = self._titles.index("section") + 1

        for column, title in enumerate(self._titles[:last]):
            for what, known in TITLES.items():
                if title in known and not self._used(column):
                    self._columns[what].append(column)

        self._refuse_two_of_a_kind()
        if self._is_canvas:
            number = self._titles.index("id")
            self._columns["ids"].remove(number)
            self._columns["number"].append(number)

    def _refuse_two_of_a_kind(self) -> None:
        for what in _SINGLE:
            columns = self._columns[what]
            if len(columns) < 2:
                continue

            shown = [f"`{self._header.cell(column)}`" for column in columns]
            titles = " and ".join(shown)
            problem = f"{titles} both look like the {what}"
            raise self._error(problem, self._header.line, "rename one of them")

    def _find_participants(self) -> None:
        """Find the first column of a Moodle worksheet: ``Participant 17`` in any language."""
        if self._is_canvas:
            return

        for what, known in TITLES.items():
            if self._titles[0] in known and what != "ids":
                return

        words = set()
        numbers = set()
        for row in self._rows:
            match = _PARTICIPANT.fullmatch(row.cell(0))
            if match is not None:
                before, number, behind = match.groups()
                words.add(f"{before}{behind}")
                numbers.add(number)

        # The word is the same in every row, and each row has another number.
        is_word = all(_PARTICIPANT_WORD.search(word) for word in words)
        if len(words) == 1 and is_word and len(numbers) == len(self._rows):
            self._columns["number"].append(0)

    def _find_addresses(self) -> None:
        """Find the columns of e-mail addresses by their content."""
        for column in self._free():
            filled = self._filled(column)
            addresses = [cell for cell in filled if ADDRESS.fullmatch(cell)]
            if _are_most(addresses, filled):
                # A second address identifies a person as well.
                what = "ids" if self._columns["email"] else "email"
                self._columns[what].append(column)

    def _find_names(self) -> None:
        """Find the names, in one column or two, by titles or by content."""
        columns = self._columns
        # ``Name, Vorname`` are the last name and the first one.
        if columns["name"] and columns["first"] and not columns["last"]:
            columns["last"] = columns.pop("name")
        elif columns["name"] and columns["last"] and not columns["first"]:
            columns["first"] = columns.pop("name")

        if columns["name"] or (columns["first"] and columns["last"]):
            return

        known = columns.pop("first", []) or columns.pop("last", [])
        found = self._likely_names() or self._likely_names(behind=True)
        likely = sorted({*known, *found})
        full = [column for column in likely if self._has_full_names(column)]
        if full:
            columns["name"] = full[:1]
        elif len(likely) > 1:
            columns["first"] = likely[:1]
            columns["last"] = likely[1:2]
        else:
            columns["name"] = likely

    def _likely_names(self, *, behind: bool = False) -> list[int]:
        """The columns before or behind the e-mail address that contain words without digits."""
        if self._names_everybody():
            return []

        end = len(self._titles)
        if self._columns["email"] and not behind:
            end = self._columns["email"][0]

        likely = []
        for column in self._free():
            filled = self._filled(column)
            words = [cell for cell in filled if not _NO_NAME.search(cell)]
            # A word that is the same in every row is a course or a status.
            differ = len(set(filled)) > 1 or len(self._rows) == 1
            if column < end and differ and _are_most(words, filled):
                likely.append(column)

        return likely

    def _find_ids(self) -> None:
        """Find the columns of user names and numbers before the address, by their content."""
        if self._names_everybody() or not self._columns["email"]:
            return

        (address,) = self._columns["email"]
        for column in self._free():
            filled = self._filled(column)
            if column > address or not filled:
                continue

            is_unique = len(set(filled)) == len(filled)
            has_spaces = any(" " in cell for cell in filled)
            if is_unique and not has_spaces:
                self._columns["ids"].append(column)

    def _names_everybody(self) -> bool:
        """Whether a column ``learner`` names each person, as in our own format.

        In the export of a system, it names only those whose folder was not clear.
        """
        return all(self._cell(row, "learner") for row in self._rows)

    def _has_full_names(self, column: int) -> bool:
        """Whether more than two of three cells have several words."""
        filled = self._filled(column)
        full = [cell for cell in filled if " " in cell or "," in cell]
        return len(full) * 3 > len(filled) * 2

    def _used(self, column: int) -> bool:
        return any(column in numbers for numbers in self._columns.values())

    def _free(self) -> list[int]:
        end = len(self._titles)
        if self._is_canvas:
            end = self._titles.index("section")

        return [column for column in range(end) if not self._used(column)]

    def _filled(self, column: int) -> list[str]:
        cells = [row.cell(column) for row in self._rows]
        return [cell for cell in cells if cell]

    # People

    def _cell(self, row: _Row, what: str) -> str:
        numbers = self._columns[what]
        if not numbers:
            return ""

        return row.cell(numbers[0])

    def _person(self, row: _Row) -> Person | None:
        """The person in a row; None for somebody who hands in nothing."""
        partners = self._partners(row)
        role = self._cell(row, "role")
        if form(role) in STAFF:
            self._notices.append(f"line {row.line}: {role}, no learner")
            return None

        person = Person(
            id="",
            name=self._name(row),
            email=self._email(row),
            section=self._cell(row, "section"),
            learner=self._cell(row, "learner"),
            number=self._number(row),
            ids=self._ids(row),
            partners=partners,
            submitted=self._submitted(row),
            line=row.line,
        )
        if not person.keys():
            self._notices.append(f"line {row.line}: no name, e-mail address or id")
            return None

        return person

    def _partners(self, row: _Row) -> list[str]:
        """What is written about the partners, which can take the cells behind the header too."""
        width = len(self._titles)
        written = [self._cell(row, "partners")]
        behind = row.cells[width:]
        if self._columns["partners"] == [width - 1]:
            written += behind
        elif any(behind):
            problem = f"{len(row.cells)} cells, and the header has {width}"
            raise self._error(problem, row.line, "put quotes around a cell that contains a comma")

        return [text for text in written if text]

    def _name(self, row: _Row) -> str:
        if self._columns["name"]:
            return self._cell(row, "name")

        first = self._cell(row, "first")
        last = self._cell(row, "last")
        return f"{first} {last}".strip()

    def _email(self, row: _Row) -> str:
        email = self._cell(row, "email")
        login = self._cell(row, "login")
        # Canvas exports no addresses, but a login often is one.
        if not email and ADDRESS.fullmatch(login):
            return login

        return email

    def _submitted(self, row: _Row) -> str:
        submitted = self._cell(row, "submitted")
        if submitted in _NO_TIME:
            return ""

        return submitted

    def _number(self, row: _Row) -> str:
        number = self._cell(row, "number")
        participant = _PARTICIPANT.fullmatch(number)
        if participant is None:
            return number

        return participant[2]

    def _ids(self, row: _Row) -> list[str]:
        columns = self._columns["login"] + self._columns["ids"]
        ids = [row.cell(column) for column in columns]
        # A worksheet without names has nothing else: ``Participant 17``.
        number = self._cell(row, "number")
        if number != self._number(row):
            ids.append(number)

        return [each for each in ids if each]

    def _without_remarks(self, people: list[Person]) -> list[Person]:
        """Leave out lines below the list, such as ``Total: 3``, if half of the lines say more."""
        full = [person for person in people if len(person.keys()) > 1]
        if 2 * len(full) < len(people):
            return people

        odd = [person for person in people if _is_remark(person)]
        for person in odd:
            text = one_line(person.keys()[-1], 80)
            self._notices.append(f"line {person.line}: `{text}` names nobody")

        return [person for person in people if person not in odd]

    def _without_repeats(self, people: list[Person]) -> list[Person]:
        """Leave out lines that say the same as an earlier one, and refuse contradictions."""
        kept: dict[str, Person] = {}
        for person in people:
            everything = " ".join(person.keys())
            key = person.learner or person.number or form(everything)
            earlier = kept.setdefault(key, person)
            if earlier is person:
                continue

            moved = msgspec.structs.replace(earlier, line=person.line)
            if moved != person:
                name = person.learner or person.number or person.name
                problem = f"`{one_line(name, 80)}` is on line {earlier.line} too, with other words"
                raise self._error(problem, person.line, "keep one of the two lines")

            self._notices.append(f"line {person.line}: the same as line {earlier.line}")

        return list(kept.values())

    def _with_ids(self, people: list[Person]) -> list[Person]:
        """Give each person an id that nobody else has."""
        count = Counter(form(person.name) for person in people)
        taken: set[str] = set()
        named = []
        for person in people:
            name = person.name
            # Two people with one name need something else.
            if count[form(name)] > 1:
                name = ""

            keys = [person.learner, name, person.email, *person.ids, person.number]
            free = [key for key in keys if key and key not in taken]
            if not free:
                problem = f"nothing tells `{one_line(person.name, 80)}` from another line"
                raise self._error(problem, person.line, "add an id or an e-mail address")

            own = free[0]
            taken.add(own)
            named.append(msgspec.structs.replace(person, id=own))

        return named

    # Partners

    def _with_partners(self, people: list[Person]) -> list[Person]:
        """Replace what the column says by ids; partners of partners are partners."""
        if not self._columns["partners"]:
            return people

        directory = _directory(people)
        groups = {person.id: {person.id} for person in people}
        for person in people:
            for text in person.partners:
                for partner in self._named(text, directory, person.line):
                    if partner in groups[person.id]:
                        continue

                    merged = groups[person.id] | groups[partner]
                    # A chain of pairs could make everybody a partner of everybody.
                    if len(merged) > MAX_PARTNERS:
                        problem = f"more than {MAX_PARTNERS} people would be partners"
                        raise self._error(problem, person.line, "check the column with partners")

                    # Everybody in the merged group belongs to it from now on.
                    groups.update(dict.fromkeys(merged, merged))

        # Partners stand in the order of the file.
        order = {person.id: number for number, person in enumerate(people)}
        with_ids = []
        for person in people:
            others = groups[person.id] - {person.id}
            partners = sorted(others, key=order.__getitem__)
            with_ids.append(msgspec.structs.replace(person, partners=partners))

        return with_ids

    def _named(self, text: str, directory: Mapping[str, str], line: int) -> Iterator[str]:
        """The ids of the people whom a cell names; it can have several separators."""
        for part in re.split(r"[;|/]", text):
            for name in _names_in(part, directory):
                found = directory.get(form(name), "")
                if not found:
                    problem = f"nobody, or more than one person, is called `{one_line(name, 80)}`"
                    raise self._error(problem, line, "write partners as they stand in this file")

                yield found


def _known(cells: Iterable[str]) -> int:
    """How many kinds of columns these cells are the titles of."""
    titles = {form(cell) for cell in cells}
    return sum(not titles.isdisjoint(known) for known in TITLES.values())


def _header(rows: Sequence[_Row]) -> int:
    """The place of the header: people write a title and other lines above it."""
    numbers = [_known(row.cells) for row in rows[:_MOST_ABOVE]]
    best = numbers.index(max(numbers))
    if numbers[best] > 1:
        return best

    # With one title that is known, only lines with a single cell can stand above it.
    above = [len(list(filter(None, row.cells))) for row in rows[: best + 1]]
    is_header = numbers[best] and above[-1] > 1 and all(number == 1 for number in above[:-1])
    return best if is_header else 0


def _is_remark(person: Person) -> bool:
    """Whether a line has nothing but what no name and no id looks like, or a number as address."""
    keys = person.keys()
    if keys == [person.email, person.name]:
        return person.email.isdecimal()
    if keys == [person.name] and not person.learner:
        return _NO_NAME.search(person.name) is not None

    return keys == person.ids and " " in keys[0]


def _are_most(some: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether ``some`` are at least four of five cells: people leave notes in a column too."""
    return len(some) > 0 and len(some) * 5 >= len(cells) * 4


def _names_in(text: str, directory: Mapping[str, str]) -> list[str]:
    """The names in ``text``, with a comma or spaces between them only if each part is a name."""
    for names in ([text], text.split(",")):
        if all(form(name) in directory for name in names):
            return names

    return text.replace(",", " ").split()


def _directory(people: Iterable[Person]) -> dict[str, str]:
    """Everything that only one person can be called, to the id of that person."""
    ids: dict[str, set[str]] = defaultdict(set)
    for person in people:
        names = name_forms(person.name)
        names.update(map(form, person.keys()))
        for name in names:
            ids[name].add(person.id)

    return {name: same.pop() for name, same in ids.items() if len(same) == 1}
