"""The numbers of a failed check as small tables: yours, PyTorch's, and their difference.

The shade of a cell says how large its number is. The number itself stands in the cell, and a
frame marks what differs, so nothing depends on colors.
"""

import math
from itertools import product
from typing import Final

import msgspec

from grader.grades.grade import CheckResult, Numbers

_MOST_DIMENSIONS: Final = 3
_CLOSE: Final = 1e-5
"""Numbers that differ by less have the same digits on the page."""
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


def heat_maps(check: CheckResult) -> list[HeatMap]:
    """Yours, the expected one and the difference; nothing for values that are not small tensors.

    Values of different shapes have no difference.
    """
    if check.view is None:
        return []

    mine, theirs = check.view.returned, check.view.expected
    if mine is None or theirs is None or not (_is_table(mine) and _is_table(theirs)):
        return []

    yours, wanted = "you returned", "expected"
    if check.case is not None and check.case.compared:
        yours = f"yours: {check.case.compared}"

    largest = _largest([*mine.values, *theirs.values])
    if mine.shape != theirs.shape:
        return [_alone(yours, mine, largest), _alone(wanted, theirs, largest)]

    told = []
    differs = []
    gaps = []
    for one, other in zip(mine.values, theirs.values, strict=True):
        told.append(f"yours {_shown(one, mine)}, expected {_shown(other, theirs)}")
        is_same = _is_same(one, other)
        differs.append(not is_same)
        # The difference of two infinite numbers is nan, even if they are equal.
        gaps.append(0.0 if is_same else one - other)

    difference = Numbers("yours - expected", mine.shape, gaps)
    return [
        _map(yours, mine, largest, told, differs),
        _map(wanted, theirs, largest, told, differs),
        _map("difference", difference, _largest(gaps), told, differs),
    ]


def _is_table(numbers: Numbers) -> bool:
    return bool(numbers.values) and 1 <= len(numbers.shape) <= _MOST_DIMENSIONS


def _is_same(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=_CLOSE, abs_tol=_CLOSE)


def _shown(number: float, numbers: Numbers) -> str:
    """A number as it stands in a cell."""
    if numbers.dtype == "bool":
        return str(bool(number))

    return f"{number:.5g}"


def _alone(label: str, numbers: Numbers, largest: float) -> HeatMap:
    told = [_shown(number, numbers) for number in numbers.values]
    return _map(label, numbers, largest, told, [False] * len(told))


def _map(
    label: str, numbers: Numbers, largest: float, told: list[str], differs: list[bool]
) -> HeatMap:
    cells = []
    dimensions = map(range, numbers.shape)
    for position, index in enumerate(product(*dimensions)):
        number = numbers.values[position]
        cell = Cell(
            text=_shown(number, numbers),
            shade=_shade(number, largest),
            sign="minus" if number < 0 else "plus",
            told=f"{list(index)}: {told[position]}",
            differs=differs[position],
        )
        cells.append(cell)

    # A vector is a matrix of one row.
    height, width = (1, *numbers.shape)[-2:]
    matrices: list[Matrix] = []
    for first in range(0, len(cells), width * height):
        matrix = cells[first : first + width * height]
        rows = [matrix[start : start + width] for start in range(0, len(matrix), width)]
        place = ""
        if len(numbers.shape) > 2:
            place = f"[{len(matrices)}]"

        matrices.append(Matrix(place, rows))

    return HeatMap(label, f"{numbers.dtype}, shape {tuple(numbers.shape)}", matrices)


def _largest(numbers: list[float]) -> float:
    return max((abs(number) for number in numbers if math.isfinite(number)), default=0.0)


def _shade(number: float, largest: float) -> int:
    if math.isnan(number) or not largest:
        return 0

    share = 1.0 if math.isinf(number) else abs(number) / largest
    return round(_DEEPEST * share)
