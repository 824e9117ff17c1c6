"""When something was handed in, and the points that count for it, as plain frozen records."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Handed(msgspec.Struct, frozen=True):
    """When a submission was handed in, and how that is known."""

    at: datetime | None = None
    """With its time zone; None if no reliable time is known."""
    source: str = ""
    """Where the time comes from: ``the roster``, ``Gradescope``, ``a Git commit``."""
    marked_late: bool | None = None
    """Whether the system calls it late, if it says only that."""
    problem: str = ""
    """Why no reliable time is known."""


class Lateness(StrEnum):
    """A submission, compared with its due time."""

    NOTHING = "nothing handed in"
    ON_TIME = "on time"
    LATE = "late"
    CLOSED = "closed"
    """It came after the assignment closed."""
    UNKNOWN = "unknown"
    """No reliable time is known. Nobody is late by a guess."""


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """The points of one learner for one exercise that count, and why."""

    assignment: str
    exercise: str
    raw: float | None
    """The points that were graded; None if the grader failed."""
    max_points: float
    """The most that can be graded."""
    possible: float
    """The points that the exercise counts in its assignment."""
    points: float | None
    """The points that count; None if the exercise does not count for this learner."""
    lateness: Lateness
    handed: Handed
    days_late: int = 0
    """Started days after the due time."""
    free_days: int = 0
    """Those of them that cost nothing."""
    percent_off: float = 0
    """The deduction, in percent of ``possible``."""
    is_excused: bool = False
    is_dropped: bool = False
    """Whether it is one of the lowest exercises, which do not count."""
    reason: str
    """Why these points count, as a phrase."""
    comment: str = ""
    """What an override says to the learner."""

    @property
    def counts(self) -> bool:
        """Whether it is part of the total."""
        return self.points is not None and not self.is_dropped


class AssignmentTotal(msgspec.Struct, frozen=True):
    """The points of one learner for one assignment."""

    assignment: str
    points: float
    possible: float
    """Without what does not count for this learner."""
