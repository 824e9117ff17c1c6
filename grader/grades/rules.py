"""The rules of assignments, as pure functions: what counts, what lateness costs, and why.

``count`` applies all of them to one learner. ``docs/assignments.md`` states the rules.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from grader.course.assignment import (
    Assignment,
    Excuse,
    Extension,
    Late,
    Override,
    zone_of,
)
from grader.grades.counted import AssignmentTotal, Counted, Handed, Lateness

_DAY: Final = timedelta(days=1)
# More than any page shows: a third of 100 points, three times, is 100 points.
_DECIMALS: Final = 6
T = TypeVar("T", Extension, Excuse, Override)


class Work(msgspec.Struct, frozen=True):
    """What one learner has for one exercise."""

    raw: float | None
    """The graded points; None if the grader failed."""
    max_points: float
    handed: Handed | None
    """None if nothing was handed in."""


class Deadline(msgspec.Struct, frozen=True):
    """The times that hold for one learner and exercise."""

    due: datetime
    closes: datetime | None
    extension: Extension | None = None


# Times


def known_time(handed: Handed, assignment: Assignment) -> Handed:
    """``handed`` with a zone, or with the time of its file if the assignment trusts that."""
    at = handed.at
    if at is None and assignment.trust_file_times and handed.file_time is not None:
        return Handed(handed.file_time, "the file")
    if at is None or at.tzinfo is not None:
        return handed
    zone = zone_of(assignment.time_zone)
    if zone is None:
        problem = f"the time of {handed.source} has no zone; add `time_zone` to the assignment"
        return Handed(source=handed.source, problem=problem)
    # Of a time that occurs twice when clocks change, this is the first: the learner is in doubt.
    return msgspec.structs.replace(handed, at=at.replace(tzinfo=zone))


def deadline(assignment: Assignment, learner: str, exercise: str) -> Deadline:
    """The times of ``assignment``, or of the learner's extension."""
    due = datetime.fromisoformat(assignment.due)
    closes = _moment(assignment.closes)
    extension = _decision(assignment.extensions, learner, exercise)
    if extension is None:
        return Deadline(due, closes)

    due = datetime.fromisoformat(extension.due)
    own_closes = _moment(extension.closes)
    if own_closes is not None:
        closes = own_closes
    # Nothing closes before it is due.
    elif closes is not None:
        closes = max(closes, due)
    return Deadline(due, closes, extension)


def days_late(at: datetime, due: datetime, grace_minutes: int = 0) -> int:
    """The started days after ``due``; 0 within the grace period, which extends no day.

    A day has 24 hours, also when clocks change.
    """
    # Python ignores the offset if both times have one zone, and clocks can change between them.
    seconds = at.timestamp() - due.timestamp()
    if seconds <= grace_minutes * 60:
        return 0
    return math.ceil(seconds / _DAY.total_seconds())


def lateness(handed: Handed, times: Deadline, grace_minutes: int = 0) -> tuple[Lateness, int]:
    """How late a submission is, with the started days."""
    if handed.at is None:
        # The system knows best whether a file came in time, but not what it costs.
        if handed.marked_late is False:
            return Lateness.ON_TIME, 0
        return Lateness.UNKNOWN, 0
    days = days_late(handed.at, times.due, grace_minutes)
    if not days:
        return Lateness.ON_TIME, 0
    if times.closes is not None and handed.at > times.closes:
        return Lateness.CLOSED, days
    return Lateness.LATE, days


# Points


def percent_off(days: int, late: Late) -> float:
    """What so many days cost, in percent of the exercise's points."""
    return min(days * late.percent_per_day, late.max_percent)


def points_for(raw: float, max_points: float, possible: float, percent: float = 0) -> float:
    """The share ``raw`` of ``max_points``, of ``possible``, less a deduction; never below 0."""
    share = raw / max_points if max_points else 0
    points = possible * share - possible * percent / 100
    return round(max(points, 0.0), _DECIMALS)


def drop_lowest(counted: Sequence[Counted], number: int) -> list[Counted]:
    """``counted``, in which the ``number`` exercises with the lowest share are dropped.

    Of equal shares the first one is dropped. At least one exercise that counts stays.
    """
    candidates = [each for each in counted if each.counts]
    number = min(number, len(candidates) - 1)
    if number <= 0:
        return list(counted)
    # Python's sort is stable.
    lowest = sorted(candidates, key=_share)[:number]
    dropped = {each.exercise for each in lowest}
    result = []
    for each in counted:
        if each.exercise in dropped:
            reason = f"{each.reason}; dropped as one of the lowest"
            each = msgspec.structs.replace(each, is_dropped=True, reason=reason)  # noqa: PLW2901
        result.append(each)
    return result


def total(assignment: Assignment, counted: Iterable[Counted]) -> AssignmentTotal:
    """The sum of what counts in ``assignment`` for one learner."""
    earned = 0.0
    possible = 0.0
    for each in counted:
        if each.assignment == assignment.title and each.counts:
            earned += each.points or 0
            possible += each.possible
    return AssignmentTotal(
        assignment.title,
        round(earned, _DECIMALS),
        round(possible, _DECIMALS),
        worth(assignment),
    )


def worth(assignment: Assignment) -> float:
    """The points of the whole assignment."""
    return round(sum(map(assignment.worth, assignment.exercises)), _DECIMALS)


# One learner


def count(
    assignments: Iterable[Assignment], learner: str, works: Mapping[str, Work]
) -> list[Counted]:
    """What counts for ``learner`` in all ``assignments``; ``works`` has each exercise.

    Free late days go to the assignment that is due first, then to the next one.
    """
    counted = []
    used = 0
    for assignment in sorted(assignments, key=due):
        free = max(assignment.late.free_days - used, 0)
        own = count_assignment(assignment, learner, works, free)
        used += max((each.free_days for each in own), default=0)
        counted += own
    return counted


def count_assignment(
    assignment: Assignment, learner: str, works: Mapping[str, Work], free_days: int
) -> list[Counted]:
    """What counts in one assignment, with at most ``free_days`` late days that cost nothing.

    A free day counts once, for all exercises of the assignment.
    """
    counted = [
        _count_one(assignment, learner, exercise, works) for exercise in assignment.exercises
    ]
    charged = [_with_free_days(each, assignment.late, free_days) for each in counted]
    return drop_lowest(charged, assignment.drop_lowest)


def _count_one(
    assignment: Assignment, learner: str, exercise: str, works: Mapping[str, Work]
) -> Counted:
    """What counts for an exercise, before free days and deductions."""
    work = works[exercise]
    times = deadline(assignment, learner, exercise)
    handed = Handed()
    how, days = Lateness.NOTHING, 0
    if work.handed is not None:
        handed = known_time(work.handed, assignment)
        how, days = lateness(handed, times, assignment.late.grace_minutes)
    possible = round(assignment.worth(exercise), _DECIMALS)
    points = None
    if work.raw is not None:
        points = points_for(work.raw, work.max_points, possible)
    counted = Counted(
        assignment=assignment.title,
        exercise=exercise,
        raw=work.raw,
        max_points=work.max_points,
        possible=possible,
        points=points,
        lateness=how,
        handed=handed,
        days_late=days,
        reason=_reason(how, days, handed, times),
    )
    return _decided(counted, assignment, learner)


def _decided(counted: Counted, assignment: Assignment, learner: str) -> Counted:
    """What a person decided goes before what the times say; then nothing is deducted."""
    override = _decision(assignment.overrides, learner, counted.exercise)
    excuse = _decision(assignment.excuses, learner, counted.exercise)
    changes: dict[str, Any] = {}
    if override is not None:
        changes["comment"] = override.comment
    if override is not None and override.points is not None:
        changes["points"] = override.points
        changes["is_overridden"] = True
        changes["reason"] = f"set by {override.author} ({override.reason})"
    elif excuse is not None:
        changes["points"] = None
        changes["is_excused"] = True
        changes["reason"] = f"excused ({excuse.reason})"
    elif counted.raw is None:
        changes["reason"] = "not graded, because the grader failed"
    elif counted.lateness is Lateness.CLOSED:
        changes["points"] = 0.0
    else:
        return msgspec.structs.replace(counted, **changes)
    # Free days are not for these.
    return msgspec.structs.replace(counted, days_late=0, **changes)


def _with_free_days(counted: Counted, late: Late, free_days: int) -> Counted:
    """Deduct what the late days cost that are not free."""
    if counted.raw is None or not counted.days_late or not late.percent_per_day:
        return counted
    free = min(counted.days_late, free_days)
    percent = percent_off(counted.days_late - free, late)
    reason = counted.reason
    if free:
        reason += f", {free} free"
    reason += f", {percent:g} % deducted"
    return msgspec.structs.replace(
        counted,
        points=points_for(counted.raw, counted.max_points, counted.possible, percent),
        free_days=free,
        percent_off=percent,
        reason=reason,
    )


def _reason(how: Lateness, days: int, handed: Handed, times: Deadline) -> str:
    """The phrase for a submission about which nobody decided."""
    phrase = how.value
    if how is Lateness.LATE:
        phrase = f"{days} day{'s' if days > 1 else ''} late"
    elif how is Lateness.CLOSED:
        phrase = "handed in after the assignment closed"
    elif how is Lateness.UNKNOWN and handed.marked_late:
        phrase = f"{handed.source} marks it late without a time, so nothing is deducted"
    elif how is Lateness.UNKNOWN:
        phrase = f"no reliable time ({handed.problem}), so it does not count as late"
    if times.extension is not None and how is not Lateness.NOTHING:
        until = f"{times.due:%Y-%m-%d %H:%M}"
        phrase += f", with an extension to {until} ({times.extension.reason})"
    return phrase


def _decision(records: Iterable[T], learner: str, exercise: str) -> T | None:
    """The record for this learner: that for the exercise, or else that for all exercises."""
    own = {each.exercise: each for each in records if each.learner == learner}
    return own.get(exercise) or own.get("")


def _share(counted: Counted) -> float:
    return (counted.points or 0) / counted.possible


def due(assignment: Assignment) -> datetime:
    """The due time of everybody without an extension."""
    return datetime.fromisoformat(assignment.due)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
