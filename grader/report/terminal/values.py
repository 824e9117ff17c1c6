"""The returned and the expected value of a case: side by side where they fit, with marks."""

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Final

from rich.text import Text

_NUMBER: Final = re.compile(r"-?\d+\.?\d*(?:e[+-]?\d+)?|\b(?:nan|inf|True|False)\b")
_SHAPE: Final = re.compile(r"\w+, shape \(.*\)$")
_GAP: Final = "   "
_DIFFERS: Final = "≠ "
_CUT: Final = "…"


def pair(labels: tuple[str, str], values: tuple[str, str], columns: int, most: int) -> list[Text]:
    """Two values in at most ``most`` lines of ``columns``; lines with a difference have a mark.

    Beside each other where both fit, else one below the other.
    """
    left, right = (value.split("\n") for value in values)
    marked = _differences(left, right)
    if fit_beside(labels, values, columns):
        width = max(map(len, (*left, labels[0])))
        return _beside(labels, (left, right), marked, width, most)
    # Half of the lines for each, without the two labels; a short value leaves some to the other.
    room = max(2, most - 2)
    first = min(len(left), max(room // 2, room - len(right)))
    lines = []
    for label, value, rows in zip(labels, (left, right), (first, room - first), strict=True):
        lines.append(Text(f"  {label}", "dim"))
        lines += _shown(value, marked, columns, rows)
    return lines[:most]


def arguments(given: Mapping[str, str], columns: int) -> list[Text]:
    """The arguments of a call next to each other; nothing if they do not fit."""
    blocks = [[name, *value.split("\n")] for name, value in given.items()]
    widths = [max(map(len, block)) for block in blocks]
    if len(_DIFFERS) + sum(widths) + len(_GAP) * (len(blocks) - 1) > columns:
        return []
    lines: list[Text] = []
    for row in zip_longest(*blocks, fillvalue=""):
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
        text = f"{'':{len(_DIFFERS)}}{_GAP.join(cells)}"
        lines.append(Text(text.rstrip(), "dim" if not lines else ""))
    return lines


def fit_beside(labels: tuple[str, str], values: tuple[str, str], columns: int) -> bool:
    """Whether two values fit next to each other."""
    widths = [
        max(map(len, (label, *value.split("\n"))))
        for label, value in zip(labels, values, strict=True)
    ]
    return len(_DIFFERS) + sum(widths) + len(_GAP) <= columns


def have_one_shape(first: str, second: str) -> bool:
    """Whether two values have the same dtype and shape, so that their elements correspond."""
    shapes = [_SHAPE.search(value) for value in (first, second)]
    return len({shape[0] if shape else "" for shape in shapes}) == 1


def _differences(left: list[str], right: list[str]) -> dict[int, set[int]]:
    """Line to the places of its numbers that differ; empty for values that do not correspond."""
    # The last line says dtype and shape.
    if len(left) != len(right) or not have_one_shape(left[-1], right[-1]):
        return {}
    found: dict[int, set[int]] = {}
    for number, (mine, theirs) in enumerate(zip(left, right, strict=True)):
        first, second = _NUMBER.findall(mine), _NUMBER.findall(theirs)
        if len(first) != len(second):
            return {}
        places = {at for at, each in enumerate(first) if each != second[at]}
        if places:
            found[number] = places
    return found


def _first_shown(marked: dict[int, set[int]], length: int, most: int) -> int:
    """The line to begin with, so that a difference is among the lines that are shown."""
    if length <= most or not marked:
        return 0
    return max(0, min(*marked, length - most))


def _beside(
    labels: tuple[str, str],
    values: tuple[list[str], list[str]],
    marked: dict[int, set[int]],
    width: int,
    most: int,
) -> list[Text]:
    left, right = values
    length = max(len(left), len(right))
    room = most - 1
    begin = _first_shown(marked, length, room)
    head = f"{'':{len(_DIFFERS)}}{labels[0]:<{width}}{_GAP}{labels[1]}"
    lines = [Text(head, "dim")]
    for number in range(begin, min(length, begin + room)):
        places = marked.get(number, set())
        mine = left[number] if number < len(left) else ""
        theirs = right[number] if number < len(right) else ""
        line = _margin(places)
        line.append_text(_styled(f"{mine:<{width}}", places, "bold red"))
        line.append(_GAP)
        line.append_text(_styled(theirs, places, "bold green"))
        lines.append(line)
    if begin + room < length:
        # What a value is says more than one more row of it.
        mine, theirs = (f"{_CUT} {value[-1]}" for value in values)
        lines[-1] = Text(f"{'':{len(_DIFFERS)}}{mine:<{width}}{_GAP}{theirs}", "dim")
    return lines


def _shown(value: list[str], marked: dict[int, set[int]], columns: int, most: int) -> list[Text]:
    """The lines of one value that fit; a line that is too long is cut."""
    begin = _first_shown(marked, len(value), most)
    lines = []
    for number in range(begin, min(len(value), begin + most)):
        places = marked.get(number, set())
        line = _margin(places)
        line.append_text(_styled(value[number], places, "bold red"))
        line.truncate(columns, overflow="ellipsis")
        lines.append(line)
    # What a value is says more than its first row.
    if begin + most < len(value):
        last = Text(f"  {_CUT} {value[-1]}", "dim")
        last.truncate(columns, overflow="ellipsis")
        lines[-1] = last
    return lines


def _margin(places: set[int]) -> Text:
    line = Text()
    line.append(_DIFFERS if places else " " * len(_DIFFERS), "bold red")
    return line


def _styled(text: str, places: set[int], style: str) -> Text:
    styled = Text(text, style="")
    for at, match in enumerate(_NUMBER.finditer(text)):
        if at in places:
            styled.stylize(style, match.start(), match.end())
    return styled
