"""When something was handed in, and the points that count for it, as plain frozen records."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Handed(msgspec.Struct, frozen=True):
    """When a submission was handed in, and how that is known."""

    at: datetime | None = None
    """None if no reliable time is known. ``rules.known_time`` adds the zone if it lacks one."""
    source: str = ""
    """Where the time comes from: ``the roster``, ``Gradescope``, ``a Git commit``."""
    marked_late: bool | None = None
    """Whether the system calls it late, if it says only that."""
    problem: str = ""
    """Why no reliable time is known."""
    file_time: datetime | None = None
    """When the file on this machine was changed, which can be the time of a copy."""


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """What an instructor says about an exercise: to one learner, or to everybody in a group."""

    exercise: str
    text: str
    learner: str = ""
    """The learner to whom it was written; empty for one about a misconception."""
    misconception: str = ""
    """The name of a misconception: the comment is for everybody who shows it."""
    behavior: str = ""
    """The digest of a behavior: the comment is for everybody whose submission behaves so."""
    group: list[str] = []
    """Who behaved so when the comment was written: they keep it when a check changes."""


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
    is_overridden: bool = False
    """Whether a person set the points."""
    is_dropped: bool = False
    """Whether it is one of the lowest exercises, which do not count."""
    reason: str
    """Why these points count, as a phrase."""
    comment: str = ""
    """What an override says to the learner."""

    @property
    def counts(self) -> bool:
        """Whether it is part of the total."""
        if self.is_dropped:
            return False

        return self.points is not None

    @property
    def is_ungraded(self) -> bool:
        """Whether there are no points because the grader failed."""
        if self.is_excused:
            return False

        return self.points is None


class AssignmentTotal(msgspec.Struct, frozen=True):
    """The points of one learner for one assignment."""

    assignment: str
    earned: float
    """The sum of the points that count."""
    possible: float
    """The most that this sum can be, without what is dropped or excused."""
    worth: float
    """The points of the whole assignment."""

    @property
    def points(self) -> float | None:
        """The share of what is possible, of ``worth``; None if nothing counts."""
        if not self.possible:
            return None

        share = self.earned / self.possible
        points = self.worth * share
        return round(points, 2)
