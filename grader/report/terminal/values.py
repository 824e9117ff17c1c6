"""The returned and the expected value of a case: side by side where they fit, with marks."""

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Final

import msgspec
from rich.text import Text

_NUMBER: Final = re.compile(r"-?\d+\.?\d*(?:e[+-]?\d+)?|\b(?:nan|inf|True|False)\b")
_SHAPE: Final = re.compile(r"\w+, shape \(.*\)$")
_GAP: Final = "   "
_DIFFERS: Final = "≠ "
_MARGIN: Final = " " * len(_DIFFERS)
_CUT: Final = "…"


class Value(msgspec.Struct, frozen=True):
    """A value with its label above it."""

    label: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines of the value; the last one of a tensor says dtype and shape."""
        return self.text.split("\n")

    @property
    def width(self) -> int:
        """The columns that the label and the value take."""
        return _width([self.label, *self.lines])


def pair(mine: Value, theirs: Value, columns: int, most: int) -> list[Text]:
    """Two values in at most ``most`` lines of ``columns``; lines with a difference have a mark.

    Beside each other where both fit, else one below the other.
    """
    marked = _differences(mine, theirs)
    if fit_beside(mine, theirs, columns):
        return _beside(mine, theirs, marked, most)

    # Half of the lines for each, without the two labels; a short value leaves some to the other.
    room = max(2, most - 2)
    half = max(room // 2, room - len(theirs.lines))
    first = min(len(mine.lines), half)
    lines = [
        *_shown(mine, marked, columns, first),
        *_shown(theirs, marked, columns, room - first),
    ]
    return lines[:most]


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
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        text = _MARGIN + _GAP.join(cells)
        lines.append(Text(text.rstrip(), style))
        style = ""

    return lines


def fit_beside(mine: Value, theirs: Value, columns: int) -> bool:
    """Whether two values fit next to each other."""
    return len(_DIFFERS) + mine.width + len(_GAP) + theirs.width <= columns


def have_one_shape(mine: Value, theirs: Value) -> bool:
    """Whether two values have the same dtype and shape, so that their elements correspond."""
    return _shape(mine.text) == _shape(theirs.text)


def _shape(value: str) -> str:
    """The dtype and shape at the end of a value; empty for a value without them."""
    found = _SHAPE.search(value)
    if found is None:
        return ""

    return found[0]


def _width(lines: list[str]) -> int:
    return max(len(line) for line in lines)


def _differences(mine: Value, theirs: Value) -> dict[int, set[int]]:
    """Line to the places of its numbers that differ; empty for values that do not correspond."""
    if len(mine.lines) != len(theirs.lines) or not have_one_shape(mine, theirs):
        return {}

    found: dict[int, set[int]] = {}
    for number, (left, right) in enumerate(zip(mine.lines, theirs.lines, strict=True)):
        first = _NUMBER.findall(left)
        second = _NUMBER.findall(right)
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


def _beside(mine: Value, theirs: Value, marked: dict[int, set[int]], most: int) -> list[Text]:
    rows = list(zip_longest(mine.lines, theirs.lines, fillvalue=""))
    room = most - 1
    begin = _first_shown(marked, len(rows), room)
    end = begin + room
    lines = [_plain_row(mine.label, theirs.label, mine.width)]
    for number, (left, right) in enumerate(rows[begin:end], begin):
        places = marked.get(number, set())
        padded = left.ljust(mine.width)
        red = _styled(padded, places, "bold red")
        green = _styled(right, places, "bold green")
        lines.append(Text.assemble(_margin(places), red, _GAP, green))

    if end < len(rows):
        # What a value is says more than one more row of it.
        left_end = f"{_CUT} {mine.lines[-1]}"
        right_end = f"{_CUT} {theirs.lines[-1]}"
        lines[-1] = _plain_row(left_end, right_end, mine.width)

    return lines


def _plain_row(left: str, right: str, width: int) -> Text:
    """A row without marks: the labels, or the last lines of two values that are cut."""
    return Text(f"{_MARGIN}{left:<{width}}{_GAP}{right}", "dim")


def _shown(value: Value, marked: dict[int, set[int]], columns: int, most: int) -> list[Text]:
    """The label and the lines of one value that fit; a line that is too long is cut."""
    whole = value.lines
    begin = _first_shown(marked, len(whole), most)
    end = begin + most
    lines = [Text(f"{_MARGIN}{value.label}", "dim")]
    for number, text in enumerate(whole[begin:end], begin):
        places = marked.get(number, set())
        styled = _styled(text, places, "bold red")
        lines.append(Text.assemble(_margin(places), styled))

    # What a value is says more than its first row.
    if end < len(whole):
        lines[-1] = Text(f"{_MARGIN}{_CUT} {whole[-1]}", "dim")

    for line in lines[1:]:
        line.truncate(columns, overflow="ellipsis")

    return lines


def _margin(places: set[int]) -> Text:
    sign = _DIFFERS if places else _MARGIN
    # With a style of the whole text, what is appended would get it too.
    return Text.assemble((sign, "bold red"))


def _styled(text: str, places: set[int], style: str) -> Text:
    styled = Text(text)
    for at, match in enumerate(_NUMBER.finditer(text)):
        if at in places:
            styled.stylize(style, match.start(), match.end())

    return styled
