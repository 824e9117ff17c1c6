"""Tables as CSV, without cells that a spreadsheet would run."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

# A spreadsheet runs a cell that begins like this (owasp.org, "CSV Injection"). Japanese versions
# also run the full-width characters. A negative number is not a formula.
_FORMULA: Final = re.compile(r"[=+@＝＋－＠\t\r]|-(?!\d*\.?\d*$)")

Cell = str | float | None
"""None is an empty cell."""


def as_csv(rows: Iterable[Iterable[Cell]]) -> str:
    """``rows`` as CSV; a text that a spreadsheet would run gets an apostrophe in front."""
    sheet = io.StringIO()
    # Every text is quoted: where the comma is the decimal sign, a spreadsheet splits cells at
    # semicolons, and the rest of a name could then be a formula.
    writer = csv.writer(sheet, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    for row in rows:
        writer.writerow([plain(cell) if isinstance(cell, str) else cell for cell in row])

    return sheet.getvalue()


def plain(cell: str) -> str:
    """``cell`` with an apostrophe in front if a spreadsheet would run it."""
    if _FORMULA.match(cell):
        return f"'{cell}"

    return cell


def whole(value: float | None) -> Cell:
    """``value`` as an integer if it is one, so that it has no decimals that say nothing."""
    if value is not None and value == int(value):
        return int(value)

    return value
