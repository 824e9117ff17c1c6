"""Read the code cells of a notebook, and the markers in them."""

import codecs
import contextlib
import itertools
import json
import re
import textwrap
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from grader.errors import SubmissionError
from grader.submission import contents

SUFFIX: Final = ".ipynb"
# Blank lines and comments can come before the marker. The quantifiers are possessive (*+):
# backtracking over a cell full of blank lines would take gigabytes.
_MARKER: Final = re.compile(
    r"((?:[ \t]*+(?:#[^\n]*+)?+\n)*+)([ \t]*+)%%grade[ \t]+(\S+)(?:[ \t]+--seed[ \t]+(\d{1,18}))?"
    r"[ \t]*(?:\n|\Z)",
    re.ASCII | re.IGNORECASE,
)
# What learners write in a saved notebook, which no kernel has refused: below %%time, with a space,
# and with a name as people write it or without one.
_LOOSE_MARKER: Final = re.compile(
    r"((?:[ \t]*+(?:#[^\n]*+|%%(?:time|timeit|capture|prun)\b[^\n]*+)?+\n)*+)"
    r"[ \t]*+%%[ \t]*+grade\b[ \t]*+([\w.-]*+(?:[ \t]++\d++)?+)[^\n]*+(?:\n|\Z)",
    re.ASCII | re.IGNORECASE,
)
# The lines of Git around two versions, in this order.
_CONFLICT: Final = tuple(
    re.compile(line, re.MULTILINE) for line in (rb"^<{7}(?: |\r?$)", rb"^={7}\r?$", rb"^>{7}")
)
# Outside strings, Python and JavaScript write these; JSON has no word for them.
_BEFORE_WORD: Final = re.compile(rb'(?:[^"NI-]++|"(?:[^"\\]++|\\.)*+"|-(?!I))*+', re.DOTALL)
# Arrays contain many, and the numbers after the first one may go with it: only outputs have them.
_WORD: Final = re.compile(
    rb"(?:NaN|-?Infinity)(?:\s*+,\s*+(?:NaN|-?Infinity|-?\d[\d.eE+-]*+)(?=[\s,\]]))*+"
)
# Half of a character that JSON writes as two escapes.
_BEFORE_HALF: Final = re.compile(
    rb"(?:[^\\]++|\\[^u]|\\u(?![dD][89a-fA-F])"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*+",
    re.DOTALL,
)
_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
# Each takes a few microseconds; this is a few seconds.
_MAX_REPAIRS: Final = 1_000_000
MAX_CELLS: Final = 20_000
"""A file that mentions more cells is refused before it is parsed."""
# A character of code can take six bytes of JSON. The exercise limits the code itself.
_MAX_SOURCE_BYTES: Final = 12 * 2**20
_MAX_ODD_BYTES: Final = 2**16
# Python's parser makes objects of all that a source contains: 27 bytes for each byte of `[],`.
_MAX_ODD_SOURCE_BYTES: Final = 4 * 2**20


class _StoredCell(msgspec.Struct, gc=False):
    """What is read of a cell. Its outputs are skipped, and never become objects."""

    cell_type: msgspec.Raw
    source: msgspec.Raw = msgspec.Raw()
    input: msgspec.Raw = msgspec.Raw()
    """The source in format 3."""


class _Worksheet(msgspec.Struct):
    cells: list[_StoredCell]


class _Notebook(msgspec.Struct):
    cells: list[_StoredCell] | None = None
    worksheets: msgspec.Raw = msgspec.Raw()
    """The cells in format 3."""


class _OddNotebook(msgspec.Struct):
    """A notebook with elements among its cells that are no cells."""

    cells: list[msgspec.Raw]


class Cell(NamedTuple):
    """A code cell of a notebook."""

    number: int
    """Position among all cells, from 1; in a running kernel, the execution count."""
    text: str
    """The code without the marker."""
    first: int = 1
    """The line of the cell on which ``text`` begins."""
    exercise: str = ""
    """Id of the exercise in the marker ``%%grade ID``; empty without a marker."""
    seed: int | None = None
    """The seed in the marker ``%%grade ID --seed SEED``, which repeats a grading."""


def read_cell(number: int, text: str) -> Cell:
    """Parse a code cell as IPython reads it: separate the marker, remove common indentation."""
    # Programs on Windows and old Macs write other line ends.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    match = _MARKER.match(text)
    if match is None:
        return Cell(number, text)

    blank_lines, indentation, exercise_id, seed = match.groups()
    text = text.removeprefix(blank_lines)
    if indentation:
        text = textwrap.dedent(text)

    _, _, code = text.partition("\n")
    first = blank_lines.count("\n") + 2
    # The ids of exercises are in lower case.
    exercise_id = exercise_id.lower()
    if seed is None:
        return Cell(number, code, first, exercise_id)

    return Cell(number, code, first, exercise_id, int(seed))


def _saved_cell(number: int, text: str) -> Cell:
    """Parse a code cell of a saved notebook, also with a marker that is not spelled exactly."""
    cell = read_cell(number, text)
    if cell.exercise:
        return cell

    match = _LOOSE_MARKER.match(cell.text)
    if match is None:
        return cell

    above, exercise_id = match.groups()
    first = above.count("\n") + 2
    return Cell(number, cell.text[match.end() :], first, exercise_id.lower())


# A batch reads one notebook once for each exercise in it, one directly after the other.
@lru_cache(maxsize=1)
def code_cells(path: Path, data: bytes) -> list[Cell]:
    """The code cells of the notebook at ``path``, whose content is ``data``.

    Raises ``SubmissionError`` if the content is not a notebook of format 3 or 4.
    """
    stored = _stored_cells(path, _as_utf8(data))
    found = []
    # The number counts every cell, as the learner sees them.
    for number, cell in enumerate(stored, 1):
        text = _code(path, cell)
        if text is not None:
            found.append(_saved_cell(number, text))

    return found


def _as_utf8(data: bytes) -> bytes:
    """``data`` in UTF-8 without a byte order mark; some editors on Windows write UTF-16."""
    if data[:2] == b"{\0":
        data = codecs.BOM_UTF16_LE + data
    elif data[:2] == b"\0{":
        data = codecs.BOM_UTF16_BE + data

    return contents.as_utf8(data).removeprefix(codecs.BOM_UTF8)


def _stored_cells(path: Path, data: bytes) -> list[_StoredCell]:
    if _mentions(data, "cell_type") > MAX_CELLS:
        raise SubmissionError(
            f"has more than {MAX_CELLS:,} cells", place=str(path), advice="remove some"
        )

    problem = "not a notebook of format 3 or 4 (it has no `cells`)"
    advice = "save it again from a recent Jupyter"
    try:
        notebook = _decoded(data)
        if notebook.cells is not None:
            return notebook.cells
    except msgspec.ValidationError:
        # The message above says it.
        pass
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        problem = f"not a notebook ({error})"
        refuse_conflict(
            data, path, "keep one of the two versions, and save the notebook from Jupyter"
        )
        kind = contents.kind_of(data)
        if contents.is_blank(data):
            problem = "empty"
        elif kind is not None and kind != contents.NOTEBOOK:
            problem = f"not a notebook, but {kind.name}"
            advice = kind.advice
        elif not data.lstrip().startswith((b"{", b"[")):
            problem = "not a notebook, because it is not JSON"
            advice = "if it is Python, give it the ending .py"

    raise SubmissionError(problem, place=str(path), advice=advice)


def _mentions(data: bytes, key: str) -> int:
    """How often a JSON text has ``key``, up to a little more than ``MAX_CELLS``."""
    if b"\\u00" not in data:
        return data.count(b'"%b"' % key.encode())

    # JSON can write each character as an escape.
    spelled = "".join(rf"(?:{letter}|\\u00(?i:{ord(letter):02x}))" for letter in key)
    found = re.finditer(f'"{spelled}"'.encode(), data)
    return sum(1 for _ in itertools.islice(found, MAX_CELLS + 1))


def _decoded(data: bytes) -> _Notebook:
    try:
        notebook = msgspec.json.decode(data, type=_Notebook)
    except msgspec.ValidationError:
        if len(data) > _MAX_ODD_BYTES:
            raise
        return _odd_notebook(data)
    except msgspec.DecodeError:
        # A strict parser is fast, and few files need more.
        repaired = _repaired(data, _BEFORE_WORD, _WORD, b"null")
        repaired = _repaired(repaired, _BEFORE_HALF, _HALF, b"\\ufffd")
        if repaired == data:
            raise

        return _decoded(repaired)

    if notebook.cells is None and 0 < _mentions(bytes(notebook.worksheets), "cells") < MAX_CELLS:
        sheets = msgspec.json.decode(notebook.worksheets, type=list[_Worksheet])
        return _Notebook([cell for sheet in sheets for cell in sheet.cells])

    return notebook


def _odd_notebook(data: bytes) -> _Notebook:
    cells = []
    for raw in msgspec.json.decode(data, type=_OddNotebook).cells:
        try:
            cells.append(msgspec.json.decode(raw, type=_StoredCell))
        except msgspec.ValidationError:
            cells.append(_StoredCell(msgspec.Raw()))

    return _Notebook(cells)


def _repaired(
    data: bytes, before: re.Pattern[bytes], wrong: re.Pattern[bytes], right: bytes
) -> bytes:
    """``data`` with ``right`` in place of each ``wrong``; ``before`` matches all up to the next.

    ``data`` itself if there are more than ``_MAX_REPAIRS``.
    """
    if wrong.search(data) is None:
        return data

    repaired = bytearray()
    place = 0
    for _ in range(_MAX_REPAIRS):
        kept = before.match(data, place)
        assert kept is not None
        match = wrong.match(data, kept.end())
        if match is None:
            return bytes(repaired + data[place:])

        repaired += data[place : kept.end()] + right
        place = match.end()

    # More than any program writes, and the rest would take minutes.
    return data


def refuse_conflict(data: bytes, path: Path, advice: str) -> None:
    """Raise ``SubmissionError`` if ``data`` has the lines that Git writes around two versions."""
    place = 0
    for marker in _CONFLICT:
        match = marker.search(data, place)
        if match is None:
            return

        place = match.end()

    raise SubmissionError(
        "contains the conflict markers of Git (<<<<<<<, =======, >>>>>>>)",
        place=str(path),
        advice=advice,
    )


def _code(path: Path, cell: _StoredCell) -> str | None:
    """The text of a code cell; None for any other cell."""
    if bytes(cell.cell_type) != b'"code"':
        return None

    raw = bytes(cell.source) or bytes(cell.input) or b'""'
    if len(raw) > _MAX_SOURCE_BYTES:
        limit = _MAX_SOURCE_BYTES >> 20
        raise SubmissionError(
            f"has a cell with more than {limit} MiB of code", place=str(path), advice="split it"
        )

    source = _source(raw)
    # Jupyter writes a list of lines, other programs one text.
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        source = "".join(lines)

    if not isinstance(source, str):
        return None

    # UTF-8 has no bytes for half a character.
    return source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _source(raw: bytes) -> Any:
    """The value in ``raw``: a text, a list of texts, or None for one that cannot be read."""
    with contextlib.suppress(msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return msgspec.json.decode(raw, type=str | list[str])

    if len(raw) > _MAX_ODD_SOURCE_BYTES:
        return None

    # Unlike msgspec, it accepts half a character. It refuses numbers of very many digits.
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(raw.decode("utf-8", "replace"), strict=False)

    return None
