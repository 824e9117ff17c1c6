"""The code cells of a notebook: markers, and magics that only IPython understands."""

import re
import textwrap
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from grader.errors import SubmissionError

SUFFIX: Final = ".ipynb"
# IPython accepts blank lines before the marker. The quantifiers are possessive (*+): backtracking
# over a cell full of blank lines would take gigabytes.
_MARKER: Final = re.compile(
    r"((?:[ \t]*+\n)*+)([ \t]*+)%%grade[ \t]+(\S+)(?:[ \t]+--seed[ \t]+(\d{1,18}))?[ \t]*(?:\n|\Z)",
    re.ASCII,
)
# Cells with these magics contain Python; those with other cell magics contain other languages.
_PYTHON_MAGICS: Final = ("%%time", "%%timeit", "%%capture", "%%prun")
_TOKEN: Final = re.compile(r"'''|\"\"\"|'|\"|#|\\.|[()\[\]{}]|\n", re.DOTALL)
_MAGIC: Final = re.compile(r"[!?]|%%?\w|[A-Za-z_][\w.]*\?{1,2}$|[A-Za-z_][\w, ]*=\s*(?:!|%\w)")


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
    if seed is None:
        return Cell(number, code, first, exercise_id)
    return Cell(number, code, first, exercise_id, int(seed))


# A batch reads one notebook once for each exercise in it, one directly after the other.
@lru_cache(maxsize=1)
def code_cells(path: Path, data: bytes) -> list[Cell]:
    """The code cells of the notebook at ``path``, whose content is ``data``.

    Raises ``SubmissionError`` if the content is not a notebook of format 4.
    """
    try:
        notebook = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise SubmissionError(
            f"not a notebook ({error})", place=str(path), advice="save it again from Jupyter"
        ) from None
    cells = None
    if isinstance(notebook, dict):
        cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise SubmissionError(
            "not a notebook of format 4 (it has no `cells`)",
            place=str(path),
            advice="save it again from a recent Jupyter",
        )
    found = []
    # The number counts every cell, as the learner sees them.
    for number, cell in enumerate(cells, 1):
        text = _code(cell)
        if text is not None:
            found.append(read_cell(number, text))
    return found


def _code(cell: Any) -> str | None:
    """The text of a code cell; None for any other cell."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source", "")
    # Jupyter writes a list of lines, other programs one text.
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        return "".join(lines)
    if isinstance(source, str):
        return source
    return None


def without_magics(cell: str) -> str:
    """``cell`` with each magic, shell command and help request of IPython replaced by ``pass``.

    The number of lines stays the same. A cell in another language becomes blank lines.
    """
    first, _, _ = cell.lstrip().partition("\n")
    if first.startswith("%%") and not first.startswith(_PYTHON_MAGICS):
        return "\n" * cell.count("\n")
    kept = []
    for line, starts_statement in _lines(cell):
        code = line.strip()
        if starts_statement and _MAGIC.match(code):
            # An indented magic can be the only statement of its block.
            indentation = line[: line.index(code)]
            kept.append(f"{indentation}pass")
        else:
            kept.append(line)
    return "\n".join(kept)


def _lines(cell: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether a statement can start there: not in a bracket or a string."""
    depth = 0
    quote = ""
    comment = False
    begin = 0
    starts_statement = True
    for match in _TOKEN.finditer(cell):
        token = match[0]
        ends_line = token.endswith("\n")
        continues = token == "\\\n" and not comment
        if comment:
            comment = not ends_line
        elif quote:
            is_short = len(quote) == 1
            # Three quotes in a short string close it and add an empty string.
            is_closed = token == quote or (is_short and token[0] == quote)
            # A short string without its closing quote ends with the line.
            if is_closed or (is_short and token == "\n"):
                quote = ""
        elif token == "#":
            comment = True
        elif token[0] in "'\"":
            quote = token
        elif token in "([{":
            depth += 1
        elif token in ")]}":
            depth = max(depth - 1, 0)
        if ends_line:
            yield cell[begin : match.end() - 1], starts_statement
            begin = match.end()
            starts_statement = not continues and not depth and not quote
    yield cell[begin:], starts_statement
