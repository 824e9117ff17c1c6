"""A CSV file that another system exported, in which only some cells change.

The ``csv`` module cannot do this: it forgets which cells were quoted, how lines end and whether
the file had a byte order mark. The importers also read other cells, such as Moodle's ``Last
modified (grade)``, and instructors compare the two files. So each cell is kept as it was written.
"""

import re
from functools import cached_property
from typing import Final, Self

from grader.errors import UsageError
from grader.report.export.tables import plain

_BYTE_ORDER_MARK: Final = "\ufeff"
_DELIMITERS: Final = ",;\t"
_QUOTED: Final = re.compile(r'"((?:[^"]++|"")*+)"[ \t]*')


class Worksheet:
    """The rows of a file; ``filled`` gives the file back with some cells replaced."""

    def __init__(self, mark: str, delimiter: str, lines: list[tuple[list[str], str]]) -> None:
        self._mark = mark
        self.delimiter = delimiter
        """The sign between two cells."""
        self._lines = lines
        """The cells of each row as they are written, and the end of the line."""

    @classmethod
    def read(cls, content: bytes, where: str) -> Self:
        """Parse ``content``; raises ``UsageError`` if it is not CSV in UTF-8."""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError(
                f"{where}: not UTF-8; export it again, or save it as CSV in UTF-8"
            ) from None

        # An .xlsx file that was renamed to .csv has null bytes.
        if "\0" in text or not text.strip(f"{_BYTE_ORDER_MARK} \r\n"):
            raise UsageError(
                f"{where}: not a CSV file, or an empty one; name the file that you exported"
            )

        body = text.removeprefix(_BYTE_ORDER_MARK)
        mark = text[: len(text) - len(body)]

        # The header tells the delimiter: the right one gives the most cells.
        delimiter = max(_DELIMITERS, key=lambda each: len(_line(body, 0, each)[0]))

        lines = []
        place = 0
        while place < len(body):
            cells, ending, after = _line(body, place, delimiter)
            # An odd number of quotes: the rest of the file would be one cell.
            if any(cell.startswith('"') and cell.count('"') % 2 for cell in cells):
                number = body.count("\n", 0, place) + 1
                raise UsageError(
                    f"{where}: line {number}: a quote that is never closed; export the file again"
                )

            lines.append((cells, ending))
            place = after

        return cls(mark, delimiter, lines)

    @cached_property
    def rows(self) -> list[list[str]]:
        """The values of every row, the header included."""
        return [[_value(cell) for cell in cells] for cells, _ in self._lines]

    @property
    def header(self) -> list[str]:
        """The first row."""
        return self.rows[0]

    def cell(self, row: int, column: int) -> str:
        """A value, stripped; empty if the row is too short."""
        cells = self.rows[row]
        if column >= len(cells):
            return ""

        return cells[column].strip()

    def filled(self, values: dict[tuple[int, int], str]) -> bytes:
        """The file with the cells at (row, column) replaced; every other byte stays."""
        lines = [(list(cells), ending) for cells, ending in self._lines]
        for (row, column), value in values.items():
            cells, _ = lines[row]

            # The new cell is quoted like the old one, or like all others of its row.
            original, _ = self._lines[row]
            quoted = all(cell.startswith('"') for cell in original)

            # A row may be shorter than the header, because its last cells were empty.
            missing = column + 1 - len(cells)
            cells += [""] * missing

            quoted = quoted or cells[column].startswith('"')
            cells[column] = self._written(plain(value), quoted=quoted)

        text = "".join(self.delimiter.join(cells) + ending for cells, ending in lines)
        return (self._mark + text).encode()

    def _written(self, value: str, *, quoted: bool) -> str:
        # A cell with one of these signs would end too early.
        if quoted or re.search(f'["\r\n{self.delimiter}]', value):
            doubled = value.replace('"', '""')
            return f'"{doubled}"'

        return value


def _line(text: str, place: int, delimiter: str) -> tuple[list[str], str, int]:
    """The cells of a line as they are written, the end of the line, and where the next begins."""
    # A quoted part may contain anything; a doubled quote in it is a quote. The pattern never goes
    # back (+), because it would remember each place of a quote that is never closed.
    content = rf'(?:"(?:[^"]++|"")*+")?[^{delimiter}\r\n]*+'
    cell = re.compile(rf"({content})({delimiter}|\r\n|\n|\r|\Z)")
    cells = []
    while True:
        match = cell.match(text, place)
        assert match is not None  # every part of the pattern may be empty
        written, end = match.groups()
        cells.append(written)
        place = match.end()
        if end != delimiter:
            return cells, end, place


def _value(cell: str) -> str:
    quoted = _QUOTED.fullmatch(cell)
    if quoted is None:
        return cell

    return quoted[1].replace('""', '"')
