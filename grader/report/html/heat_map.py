"""The values of a failed check as small tables: yours, PyTorch's, and their difference.

The shade of a cell says how large its number is. The number itself stands in the cell, and a
frame marks what differs, so nothing depends on colors.
"""

import math
import re
from itertools import pairwise, product
from typing import Final

import msgspec

from grader.grades.grade import Case

_START: Final = "tensor("
_KIND: Final = re.compile(r"\w+, shape \((?P<shape>[\d, ]*)\)$")
_NUMBER: Final = re.compile(r"-?\d+\.?\d*(?:e[+-]?\d+)?|-?inf|nan|True|False")
_MOST_DIMENSIONS: Final = 3
_WORDS: Final = {"True": 1.0, "False": 0.0}
_DEEPEST: Final = 32
"""Percent of the color in the darkest cell, on which text is still easy to read."""


class Cell(msgspec.Struct, frozen=True):
    """One number."""

    text: str
    shade: int
    """Percent of the color behind it."""
    sign: str
    """``plus`` or ``minus``."""
    told: str
    """Its place and both numbers, shown below the pointer."""
    differs: bool


class Matrix(msgspec.Struct, frozen=True):
    """The last two dimensions of a tensor; ``place`` says where, if there are more."""

    place: str
    rows: list[list[Cell]]


class HeatMap(msgspec.Struct, frozen=True):
    """One tensor."""

    label: str
    kind: str
    matrices: list[Matrix]


class _Tensor(msgspec.Struct, frozen=True):
    """A tensor as its text shows it."""

    kind: str
    shape: tuple[int, ...]
    words: list[str]

    @property
    def numbers(self) -> list[float]:
        return [_WORDS[word] if word in _WORDS else float(word) for word in self.words]


def heat_maps(case: Case) -> list[HeatMap]:
    """Yours, PyTorch's and the difference; nothing for values that are not small tensors.

    Values of different shapes have no difference.
    """
    mine, theirs = _read(case.returned), _read(case.expected)
    if mine is None or theirs is None:
        return []
    yours, wanted = "you returned", "PyTorch gives"
    if case.compared:
        yours, wanted = f"yours: {case.compared}", "expected"
    largest = _largest([*mine.numbers, *theirs.numbers])
    if mine.shape != theirs.shape:
        return [_alone(yours, mine, largest), _alone(wanted, theirs, largest)]

    told: list[str] = []
    differs: list[bool] = []
    words: list[str] = []
    gaps = [one - other for one, other in zip(mine.numbers, theirs.numbers, strict=True)]
    for one, other, gap in zip(mine.words, theirs.words, gaps, strict=True):
        told.append(f"yours {one}, expected {other}")
        differs.append(one != other)
        # The difference of two infinite numbers is nan, even if they are equal.
        words.append("0" if one == other else f"{gap:+.4g}")
    difference = _Tensor("yours - expected", mine.shape, words)
    return [
        _map(yours, mine, mine.numbers, largest, told, differs),
        _map(wanted, theirs, theirs.numbers, largest, told, differs),
        _map("difference", difference, gaps, _largest(gaps), told, differs),
    ]


def _read(text: str) -> _Tensor | None:
    """The tensor that ``text`` shows in full; None for anything else."""
    match = _KIND.search(text)
    if match is None or not text.startswith(_START):
        return None
    shape = tuple(int(size) for size in re.findall(r"\d+", match["shape"]))
    words = _NUMBER.findall(text[len(_START) : match.start()])
    # The text of a large tensor leaves numbers out.
    if not 1 <= len(shape) <= _MOST_DIMENSIONS or len(words) != math.prod(shape) or not words:
        return None
    return _Tensor(match[0], shape, words)


def _alone(label: str, tensor: _Tensor, largest: float) -> HeatMap:
    differs = [False] * len(tensor.words)
    return _map(label, tensor, tensor.numbers, largest, tensor.words, differs)


def _map(
    label: str,
    tensor: _Tensor,
    numbers: list[float],
    largest: float,
    told: list[str],
    differs: list[bool],
) -> HeatMap:
    cells = []
    dimensions = map(range, tensor.shape)
    # Row by row, as the words stand in the text.
    for position, index in enumerate(product(*dimensions)):
        number = numbers[position]
        sign = "minus" if number < 0 else "plus"
        cell = Cell(
            text=tensor.words[position].removesuffix("."),
            shade=_shade(number, largest),
            sign=sign,
            told=f"{list(index)}: {told[position]}",
            differs=differs[position],
        )
        cells.append(cell)

    # A vector is a matrix of one row.
    height, width = (1, *tensor.shape)[-2:]
    starts = range(0, len(cells) + 1, width * height)
    matrices = []
    for matrix, (start, end) in enumerate(pairwise(starts)):
        rows = [cells[first : first + width] for first in range(start, end, width)]
        where = ""
        if len(tensor.shape) > 2:
            where = f"[{matrix}]"
        matrices.append(Matrix(where, rows))
    return HeatMap(label, tensor.kind, matrices)


def _largest(numbers: list[float]) -> float:
    return max((abs(number) for number in numbers if math.isfinite(number)), default=0.0)


def _shade(number: float, largest: float) -> int:
    if math.isnan(number) or not largest:
        return 0
    share = 1.0 if math.isinf(number) else abs(number) / largest
    return round(_DEEPEST * share)
