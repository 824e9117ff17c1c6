"""A CSV file that another system exported, in which cells are filled in and nothing else changes.

Python's own reader forgets how a cell was quoted, where lines end and whether there was
a byte order mark; here every cell is kept as it was written, and a filled one follows the
quoting of the cell that it replaces.
"""

import re
from functools import cached_property
from typing import Final, Self

import msgspec

from grader.errors import UsageError
from grader.report.export.grades_csv import plain

_MARK: Final = "\ufeff"
_DELIMITERS: Final = ",;\t"
_ENDING: Final = r"\r\n|\n|\r|\Z"


class Filled(msgspec.Struct, frozen=True):
    """The file with grades in it, and a sentence about everything that was left as it was."""

    content: bytes
    count: int
    """Cells that were filled."""
    notices: list[str]


class Worksheet:
    """The rows of a file as text; ``filled`` gives the file back with some cells replaced."""

    def __init__(self, mark: str, delimiter: str, lines: list[tuple[list[str], str]]) -> None:
        self._mark, self._delimiter, self._lines = mark, delimiter, lines

    @classmethod
    def read(cls, content: bytes, where: str) -> Self:
        """Parse ``content``; ``UsageError`` with the place where it is no CSV in UTF-8."""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError(
                f"{where}: not UTF-8; export it again, or save it as CSV in UTF-8"
            ) from None
        if "\0" in text or not text.strip(_MARK + " \r\n"):
            raise UsageError(
                f"{where}: no CSV file, or an empty one; name the file that was exported"
            )
        mark = _MARK if text.startswith(_MARK) else ""
        text = text.removeprefix(_MARK)
        delimiter = max(_DELIMITERS, key=lambda each: len(_line(text, 0, each)[0]))
        lines, place = [], 0
        while place < len(text):
            cells, ending, after = _line(text, place, delimiter)
            if any(_is_open(cell) for cell in cells):
                line = text.count("\n", 0, place) + 1
                raise UsageError(
                    f"{where}: line {line}: a quote that is never closed; export the file again"
                )
            lines.append((cells, ending))
            place = after
        return cls(mark, delimiter, lines)

    @cached_property
    def rows(self) -> list[list[str]]:
        """Every row, the header included, with its cells' values."""
        return [[_value(cell) for cell in cells] for cells, _ in self._lines]

    @property
    def header(self) -> list[str]:
        """The first row."""
        return self.rows[0]

    def cell(self, row: int, column: int) -> str:
        """A value, stripped; nothing where the row is too short to have it."""
        return self.rows[row][column].strip() if column < len(self.rows[row]) else ""

    def filled(self, values: dict[tuple[int, int], str]) -> bytes:
        """The file with the cells at (row, column) replaced, to the byte as it was everywhere else."""
        changed: dict[int, dict[int, str]] = {}
        for (row, column), value in values.items():
            changed.setdefault(row, {})[column] = value
        parts = [self._mark]
        for row, (cells, ending) in enumerate(self._lines):
            parts += [self._delimiter.join(self._with(cells, changed.get(row, {}))), ending]
        return "".join(parts).encode()

    def _with(self, cells: list[str], values: dict[int, str]) -> list[str]:
        new = [*cells, *[""] * (max(values, default=0) + 1 - len(cells))]
        all_quoted = all(cell.startswith('"') for cell in cells)
        for column, value in values.items():
            new[column] = self._written(
                plain(value), quoted=all_quoted or new[column].startswith('"')
            )
        return new

    def _written(self, value: str, *, quoted: bool) -> str:
        if quoted or re.search(f'["\r\n{self._delimiter}]', value):
            return '"' + value.replace('"', '""') + '"'
        return value


def _line(text: str, place: int, delimiter: str) -> tuple[list[str], str, int]:
    """Cells as they are written, the line's ending, and where the next line begins."""
    cell = re.compile(rf'((?:"(?:[^"]|"")*")?[^{delimiter}\r\n]*)({delimiter}|{_ENDING})')
    cells = []
    while True:
        match = cell.match(text, place)
        assert match is not None  # every alternative may be empty
        cells.append(match[1])
        place = match.end()
        if match[2] != delimiter:
            return cells, match[2], place


def _is_open(cell: str) -> bool:
    return cell.startswith('"') and cell.count('"') % 2 == 1


def _value(cell: str) -> str:
    quoted = re.fullmatch(r'"((?:[^"]|"")*)"[ \t]*', cell)
    return quoted[1].replace('""', '"') if quoted else cell
