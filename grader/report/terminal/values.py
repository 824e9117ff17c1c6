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
_MARGIN: Final = " " * len(_DIFFERS)
_CUT: Final = "…"


def pair(labels: tuple[str, str], values: tuple[str, str], columns: int, most: int) -> list[Text]:
    """Two values in at most ``most`` lines of ``columns``; lines with a difference have a mark.

    Beside each other where both fit, else one below the other.
    """
    left = values[0].split("\n")
    right = values[1].split("\n")
    marked = _differences(left, right)
    if fit_beside(labels, values, columns):
        width = _width([labels[0], *left])
        return _beside(labels, (left, right), marked, width, most)
    # Half of the lines for each, without the two labels; a short value leaves some to the other.
    room = max(2, most - 2)
    half = max(room // 2, room - len(right))
    first = min(len(left), half)
    return [
        Text(f"  {labels[0]}", "dim"),
        *_shown(left, marked, columns, first),
        Text(f"  {labels[1]}", "dim"),
        *_shown(right, marked, columns, room - first),
    ][:most]


def arguments(given: Mapping[str, str], columns: int) -> list[Text]:
    """The arguments of a call next to each other; nothing if they do not fit."""
    blocks = [[name, *value.split("\n")] for name, value in given.items()]
    widths = [_width(block) for block in blocks]
    gaps = len(_GAP) * (len(blocks) - 1)
    if len(_DIFFERS) + sum(widths) + gaps > columns:
        return []
    lines: list[Text] = []
    # The names come first.
    style = "dim"
    for row in zip_longest(*blocks, fillvalue=""):
        cells = map(str.ljust, row, widths)
        text = _MARGIN + _GAP.join(cells)
        lines.append(Text(text.rstrip(), style))
        style = ""
    return lines


def fit_beside(labels: tuple[str, str], values: tuple[str, str], columns: int) -> bool:
    """Whether two values fit next to each other."""
    left = _width([labels[0], *values[0].split("\n")])
    right = _width([labels[1], *values[1].split("\n")])
    return len(_DIFFERS) + left + len(_GAP) + right <= columns


def have_one_shape(first: str, second: str) -> bool:
    """Whether two values have the same dtype and shape, so that their elements correspond."""
    return _shape(first) == _shape(second)


def _shape(value: str) -> str:
    """The dtype and shape at the end of a value; empty for a value without them."""
    found = _SHAPE.search(value)
    if found is None:
        return ""
    return found[0]


def _width(lines: list[str]) -> int:
    return max(len(line) for line in lines)


def _differences(left: list[str], right: list[str]) -> dict[int, set[int]]:
    """Line to the places of its numbers that differ; empty for values that do not correspond."""
    # The last line says dtype and shape.
    if len(left) != len(right) or not have_one_shape(left[-1], right[-1]):
        return {}
    found: dict[int, set[int]] = {}
    for number, mine in enumerate(left):
        first = _NUMBER.findall(mine)
        second = _NUMBER.findall(right[number])
        # Numbers at equal places correspond only if both lines have equally many.
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
    rows = list(zip_longest(left, right, fillvalue=""))
    room = most - 1
    begin = _first_shown(marked, len(rows), room)
    end = begin + room
    lines = [_plain_row(*labels, width)]
    for number, (mine, theirs) in enumerate(rows[begin:end], begin):
        places = marked.get(number, set())
        padded = mine.ljust(width)
        line = _margin(places)
        line.append_text(_styled(padded, places, "bold red"))
        line.append(_GAP)
        line.append_text(_styled(theirs, places, "bold green"))
        lines.append(line)
    if end < len(rows):
        # What a value is says more than one more row of it.
        lines[-1] = _plain_row(f"{_CUT} {left[-1]}", f"{_CUT} {right[-1]}", width)
    return lines


def _plain_row(left: str, right: str, width: int) -> Text:
    """A row without marks: the labels, or the last lines of two values that are cut."""
    return Text(f"{_MARGIN}{left:<{width}}{_GAP}{right}", "dim")


def _shown(value: list[str], marked: dict[int, set[int]], columns: int, most: int) -> list[Text]:
    """The lines of one value that fit; a line that is too long is cut."""
    begin = _first_shown(marked, len(value), most)
    end = begin + most
    lines = []
    for number, text in enumerate(value[begin:end], begin):
        places = marked.get(number, set())
        line = _margin(places)
        line.append_text(_styled(text, places, "bold red"))
        line.truncate(columns, overflow="ellipsis")
        lines.append(line)
    # What a value is says more than its first row.
    if end < len(value):
        last = Text(f"  {_CUT} {value[-1]}", "dim")
        last.truncate(columns, overflow="ellipsis")
        lines[-1] = last
    return lines


def _margin(places: set[int]) -> Text:
    line = Text()
    sign = _MARGIN
    if places:
        sign = _DIFFERS
    line.append(sign, "bold red")
    return line


def _styled(text: str, places: set[int], style: str) -> Text:
    styled = Text(text, style="")
    for at, match in enumerate(_NUMBER.finditer(text)):
        if at in places:
            styled.stylize(style, match.start(), match.end())
    return styled
