"""The rows of a table as points: their directions and distances, for a page in a notebook.

Each point has the number of its row. Rows that another argument names are filled, so nothing
depends on colors.
"""

import math
from typing import Final

import msgspec

from grader.course.records import Plot
from grader.grades.grade import CheckResult

WIDTH: Final = 260
HEIGHT: Final = 200
_MARGIN: Final = 24


class Point(msgspec.Struct, frozen=True):
    """One row, at its place in the drawing."""

    x: float
    y: float
    label: str
    """The number of the row, or of all rows that are here."""
    told: str
    """Shown below the pointer."""
    is_marked: bool


class RowPlot(msgspec.Struct, frozen=True):
    """The points of a table, and where 0 is."""

    title: str
    x: float
    y: float
    points: list[Point]


def row_plot(check: CheckResult, plot: Plot | None) -> RowPlot | None:
    """The rows of an argument of a failing case; None if they cannot be drawn.

    The coordinates are the first two columns. Both axes have one scale, because angles matter.
    """
    if check.view is None or plot is None:
        return None

    given = check.view.given
    numbers = given.get(plot.rows)
    if numbers is None or len(numbers.shape) != 2 or numbers.shape[1] < 2:
        return None
    if not all(map(math.isfinite, numbers.values)):
        return None

    rows: dict[tuple[float, float], list[int]] = {}
    width = numbers.shape[1]
    for row in range(numbers.shape[0]):
        first, second = numbers.values[row * width : row * width + 2]
        rows.setdefault((first, second), []).append(row)

    # With 0, the direction of a row can be seen.
    across = [0.0, *(first for first, _ in rows)]
    up = [0.0, *(second for _, second in rows)]
    spans = (max(across) - min(across), max(up) - min(up))
    room = (WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN)
    scale = min((size / span for size, span in zip(room, spans, strict=True) if span), default=1.0)
    left = WIDTH / 2 - scale * (max(across) + min(across)) / 2
    bottom = HEIGHT / 2 + scale * (max(up) + min(up)) / 2

    marked: set[float] = set()
    if plot.marked in given:
        marked = set(given[plot.marked].values)

    points = []
    for (first, second), here in rows.items():
        label = ", ".join(map(str, here))
        point = Point(
            x=round(left + scale * first, 1),
            y=round(bottom - scale * second, 1),
            label=label,
            told=f"row {label}: {first:.4g}, {second:.4g}",
            is_marked=not marked.isdisjoint(here),
        )
        points.append(point)

    title = f"The rows of {plot.rows}"
    if width > 2:
        title += f", columns 0 and 1 of {width}"
    if marked:
        title += f"; filled: those in {plot.marked}"

    return RowPlot(title, round(left, 1), round(bottom, 1), points)
