"""Read the table in a CSV file: a header, and a row for each person below it.

Excel and other programs write CSV with several encodings and delimiters. People write lines
above the header.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from grader.errors import UsageError, os_errors_as
from grader.submission.roster import ADDRESS, form
from grader.submission.roster_titles import TITLES
from grader.text import printable, single_spaced

MAX_BYTES: Final = 8 * 2**20
MAX_PEOPLE: Final = 20_000
MAX_COLUMNS: Final = 2000
_OWN_HEADER: Final = "learner,name,email,section"
_ADVICE: Final = f"name the export of your system, or a file with the header {_OWN_HEADER}"
_SAVE_AS_CSV: Final = "save it as CSV in UTF-8"
_DELIMITERS: Final = ",;\t|"
# The beginnings of files that are renamed to .csv or named by mistake.
_OTHER_FILES: Final = {
    b"PK\x03\x04": "an Excel file or an archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
}
# Excel reads the delimiter from such a line.
_DELIMITER_LINE: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
# Lines that can stand above the header.
_MOST_ABOVE: Final = 10
# Marks of direction and of no width, which spreadsheets leave at the ends of cells.
_INVISIBLE: Final = " \u200b\u200e\u200f\u2060\ufeff"
_TEST_STUDENT: Final = "student, test"


class Row(msgspec.Struct, frozen=True):
    """A row of a table; a row can have more or fewer cells than the header."""

    line: int
    """The line in the file, from 1."""
    cells: list[str]

    def cell(self, column: int) -> str:
        """The cell in ``column``; empty behind the last one."""
        if column >= len(self.cells):
            return ""

        return self.cells[column]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table of people, without empty rows."""

    file: str
    """The path of the file, for errors."""
    header: Row
    titles: list[str]
    """The cells of the header, in the form of ``roster.form``."""
    rows: list[Row]
    is_canvas: bool
    """Whether this is a gradebook of Canvas, with a column for each assignment."""
    notices: list[str]
    """Lines that were left out, each with the reason."""

    def error(self, problem: str, line: int | None = None, advice: str = _ADVICE) -> UsageError:
        """The error for a table that cannot be used."""
        return UsageError(problem, place=self.file, line=line, advice=advice)


def read_table(path: Path) -> Table:
    """Read the CSV file at ``path``.

    Raises ``UsageError``, which names the line, if the file cannot be read or has no header.
    """
    file = str(path)
    text = _text(_content(path), file)
    rows = list(_rows(text, file))
    if not rows:
        raise UsageError("an empty file", place=file, advice=_ADVICE)

    start = _header(rows)
    header, *below = rows[start:]
    if any(ADDRESS.fullmatch(cell) for cell in header.cells):
        raise UsageError("no header", place=file, line=header.line, advice=_ADVICE)

    titles = [form(title) for title in header.cells]
    notices = [f"line {row.line}: above the header" for row in rows[:start]]
    is_canvas = _is_canvas(titles)
    if is_canvas:
        below, summaries = _without_summaries(below, titles.index("id"))
        notices += summaries

    return Table(
        file=file,
        header=header,
        titles=titles,
        rows=below,
        is_canvas=is_canvas,
        notices=notices,
    )


def _content(path: Path) -> bytes:
    with os_errors_as(UsageError, "cannot be read", path, _ADVICE), path.open("rb") as file:
        # A device has no size.
        content = file.read(MAX_BYTES + 1)

    if len(content) > MAX_BYTES:
        limit = f"{MAX_BYTES >> 20} MiB"
        raise UsageError(f"larger than {limit}", place=str(path), advice=_ADVICE)

    return content


def _text(content: bytes, file: str) -> str:
    for start, what in _OTHER_FILES.items():
        if content.startswith(start):
            raise UsageError(f"{what}, not CSV", place=file, advice=_SAVE_AS_CSV)

    try:
        text = content.decode(_encoding(content))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError("not UTF-8", place=file, line=line, advice=_SAVE_AS_CSV) from None

    if "\0" in text:
        raise UsageError("not a text file", place=file, advice=_SAVE_AS_CSV)

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


def _rows(text: str, file: str) -> Iterator[Row]:
    """The rows that are not empty."""
    line = 1
    delimiter_line = _DELIMITER_LINE.match(text)
    if delimiter_line is None:
        delimiter = _delimiter(text)
    else:
        delimiter = delimiter_line[1]
        text = text[delimiter_line.end() :]
        line = 2

    first = line
    count = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for written in reader:
            # Each column is looked at for every meaning that it can have.
            if len(written) > MAX_COLUMNS:
                raise UsageError(f"more than {MAX_COLUMNS:,} columns", place=file, advice=_ADVICE)

            cells = [_clean(cell) for cell in written]
            if any(cells):
                count += 1
                # The header is a row too.
                if count > MAX_PEOPLE:
                    raise UsageError(f"more than {MAX_PEOPLE:,} lines", place=file, advice=_ADVICE)

                yield Row(line, cells)

            # A cell in quotes can have several lines.
            line = first + reader.line_num
    except csv.Error as error:
        advice = "close every quote, and export the file again"
        raise UsageError(f"not CSV ({error})", place=file, line=line, advice=advice) from None


def _delimiter(text: str) -> str:
    """The delimiter that gives the header most cells.

    Of two that give equally many, the one with fewer spaces behind it:
    ``Last name, First name;E-mail`` has two cells.
    """
    lines = [line for line in text.splitlines() if line.strip()][:_MOST_ABOVE]
    header = ""
    if lines:
        header = max(lines, key=_most_known)
        # Of equal lines, ``max`` takes the first one.
        if _most_known(header) < 2:
            header = lines[0]

    # A delimiter within quotes separates nothing.
    bare = re.sub(r'"[^"]*"', "", header)

    def cells(delimiter: str) -> tuple[int, int]:
        spaces = bare.count(f"{delimiter} ")
        return bare.count(delimiter), -spaces

    return max(_DELIMITERS, key=cells)


def _most_known(line: str) -> int:
    """``_known`` of a line, with the delimiter that gives most."""
    bare = line.replace('"', "")
    return max(_known(bare.split(delimiter)) for delimiter in _DELIMITERS)


def _known(cells: Iterable[str]) -> int:
    """How many kinds of columns these cells are the titles of."""
    forms = {form(cell) for cell in cells}
    return len({TITLES[title] for title in forms if title in TITLES})


def _clean(cell: str) -> str:
    words = single_spaced(cell)
    text = unicodedata.normalize("NFC", words)
    return printable(text.strip(_INVISIBLE))


def _is_canvas(titles: Sequence[str]) -> bool:
    """Whether these are titles of a gradebook of Canvas, where the id stands before the section."""
    if "learner" in titles or not {"id", "section"} <= set(titles):
        return False

    return titles.index("id") < titles.index("section")


def _header(rows: Sequence[Row]) -> int:
    """The place of the header: people write a title and other lines above it."""
    known = [_known(row.cells) for row in rows[:_MOST_ABOVE]]
    best = known.index(max(known))
    if known[best] > 1:
        return best

    # With one title that is known, only lines with a single cell can stand above it.
    *above, own = [len(list(filter(None, row.cells))) for row in rows[: best + 1]]
    if known[best] and own > 1 and all(number == 1 for number in above):
        return best

    return 0


def _without_summaries(rows: Sequence[Row], number: int) -> tuple[list[Row], list[str]]:
    """The rows of a Canvas gradebook that are about people, and the notices for others.

    ``number`` is the column of ids, which a row about the assignments leaves empty.
    """
    kept = []
    notices = []
    for row in rows:
        if form(row.cell(0)) == _TEST_STUDENT:
            notices.append(f"line {row.line}: the test student of Canvas")
        elif row.cell(number):
            kept.append(row)

    return kept, notices
