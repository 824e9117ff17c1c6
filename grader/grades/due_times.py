"""When the submissions of an assignment came, compared with their due times."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from grader.course.assignment import Assignment
from grader.grades import rules
from grader.grades.class_results import ClassResults
from grader.grades.counted import Lateness

_HOUR: Final = 3600.0
_WIDTHS: Final = (1, 2, 3, 6, 12, 24, 48, 168)
"""Hours that a bin can have."""
_MOST_BINS: Final = 16
_WIDEST: Final = 14 * 24
"""Hours from the due time to the outermost bin; what is farther away counts there."""


class DueTimes(msgspec.Struct, frozen=True, kw_only=True):
    """A histogram of submission times. Each one is compared with its learner's own due time."""

    assignment: str
    hours: int
    """The width of a bin."""
    first: int
    """The number of the first bin: bin 0 begins at the due time, bin -1 ends there."""
    bins: list[int]
    unknown: int
    """Submissions without a reliable time."""

    @property
    def early(self) -> int:
        """Submissions until the due time."""
        return sum(self.bins[: max(-self.first, 0)])

    @property
    def late(self) -> int:
        """Submissions after the due time."""
        return sum(self.bins) - self.early


def due_times(results: ClassResults) -> list[DueTimes]:
    """A histogram for each assignment with a submission."""
    found = []
    for assignment in results.assignments:
        hours, unknown = _hours(results, assignment)
        if hours or unknown:
            found.append(histogram(assignment.title, hours, unknown))

    return found


def histogram(title: str, hours: Sequence[float], unknown: int) -> DueTimes:
    """The histogram of hours after the due time; negative hours are before it."""
    limited = [max(-_WIDEST, min(each, _WIDEST)) for each in hours]
    width = _width(limited)
    # On time is until the due time, which itself is the end of bin -1.
    places = [math.ceil(each / width) - 1 for each in limited]
    # The due time is always within the picture.
    first = min([*places, -1])
    last = max([*places, 0])
    bins = [0] * (last - first + 1)
    for place in places:
        bins[place - first] += 1

    return DueTimes(
        assignment=title,
        hours=width,
        first=first,
        bins=bins,
        unknown=unknown,
    )


def _hours(results: ClassResults, assignment: Assignment) -> tuple[list[float], int]:
    """The hours of each submission after its due time, and the number of unknown times."""
    hours = []
    unknown = 0
    for learner, counted in results.counted.items():
        for each in counted:
            is_other = each.assignment != assignment.title
            if is_other or each.lateness is Lateness.NOTHING:
                continue
            if each.handed.at is None:
                # A time that nobody knows is neither early nor late.
                unknown += 1
                continue

            times = rules.deadline(assignment, learner, each.exercise)
            seconds = each.handed.at.timestamp() - times.due.timestamp()
            hours.append(seconds / _HOUR)

    return hours, unknown


def _width(hours: Sequence[float]) -> int:
    """The smallest width with which all hours fit into the picture."""
    span = max([*hours, 0.0]) - min([*hours, 0.0])
    for width in _WIDTHS:
        if span / width <= _MOST_BINS - 2:
            return width

    return _WIDTHS[-1]
