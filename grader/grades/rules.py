"""The rules of assignments, as pure functions: what counts, what lateness costs, and why.

``count`` applies all of them to one learner. ``docs/assignments.md`` states the rules.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from grader import text
from grader.course.assignment import (
    Assignment,
    Excuse,
    Extension,
    Late,
    Override,
    zone_of,
)
from grader.grades.counted import AssignmentTotal, Counted, Handed, Lateness

_SECONDS_A_DAY: Final = 24 * 60 * 60
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
    if handed.at is None:
        if assignment.trust_file_times and handed.file_time is not None:
            return Handed(handed.file_time, "the file")
        return handed

    if handed.at.tzinfo is not None:
        return handed

    zone = zone_of(assignment.time_zone)
    source = handed.source
    if zone is None:
        problem = f"the time of {source} has no zone; add `time_zone` to the assignment"
        return Handed(source=source, problem=problem)

    # Clocks that go back make a time occur twice; the first is taken, in the learner's favor.
    at = handed.at.replace(tzinfo=zone)
    return Handed(at, source)


def deadline(assignment: Assignment, learner: str, exercise: str) -> Deadline:
    """The times of ``assignment``, or of the learner's extension."""
    due = datetime.fromisoformat(assignment.due)
    closes = None
    if assignment.closes:
        closes = datetime.fromisoformat(assignment.closes)

    extension = _decision(assignment.extensions, learner, exercise)
    if extension is None:
        return Deadline(due, closes)

    # An extension replaces the due time, also if it is earlier.
    due = datetime.fromisoformat(extension.due)
    if extension.closes:
        closes = datetime.fromisoformat(extension.closes)
    # Nothing closes before it is due.
    elif closes is not None:
        closes = max(closes, due)

    return Deadline(due, closes, extension)


def days_late(at: datetime, due: datetime, grace_minutes: int = 0) -> int:
    """The started days after ``due``; 0 within the grace period, which extends no day.

    A day has 24 hours, also when clocks change.
    """
    # Python ignores the offsets if both times have one zone, and clocks can change in between.
    handed_in = at.timestamp()
    seconds = handed_in - due.timestamp()
    minutes = seconds / 60
    if minutes <= grace_minutes:
        return 0

    days = seconds / _SECONDS_A_DAY
    return math.ceil(days)


def lateness(handed: Handed, times: Deadline, grace_minutes: int) -> tuple[Lateness, int]:
    """How late a submission is, with the started days."""
    at = handed.at
    if at is None:
        # The system knows best whether a file came in time, but not how late it is.
        if handed.marked_late is False:
            return Lateness.ON_TIME, 0
        return Lateness.UNKNOWN, 0

    days = days_late(at, times.due, grace_minutes)
    if not days:
        return Lateness.ON_TIME, 0

    closes = times.closes
    if closes is not None and at > closes:
        return Lateness.CLOSED, days

    return Lateness.LATE, days


def order(assignment: Assignment) -> tuple[datetime, str]:
    """The order of assignments: by the due time, then by the title."""
    due = datetime.fromisoformat(assignment.due)
    return due, assignment.title


# Points


def percent_off(days: int, late: Late) -> float:
    """What so many days cost, in percent of the exercise's points."""
    percent = days * late.percent_per_day
    # Late work can keep some of its points.
    return min(percent, late.max_percent)


def points_for(raw: float, max_points: float, possible: float, percent: float = 0) -> float:
    """The share ``raw`` of ``max_points``, of ``possible``, less a deduction; never below 0."""
    # An exercise without points has no share.
    share = 0.0
    if max_points:
        share = raw / max_points

    # The deduction is a part of what the exercise is worth, not of what was earned.
    earned = possible * share
    deduction = possible * percent / 100
    points = max(earned - deduction, 0.0)
    return round(points, _DECIMALS)


def drop_lowest(counted: Sequence[Counted], number: int) -> list[Counted]:
    """``counted``, in which the ``number`` exercises with the lowest share are dropped.

    Of equal shares the first one is dropped. At least one exercise that counts stays.
    """
    # An excused exercise cannot be dropped, because it counts nothing.
    candidates = [each for each in counted if each.counts]
    most = len(candidates) - 1
    number = min(number, most)
    if number <= 0:
        return list(counted)

    # Python's sort is stable.
    candidates.sort(key=_share)
    lowest = candidates[:number]
    result = []
    for each in counted:
        if each in lowest:
            result.append(_dropped(each))
        else:
            result.append(each)

    return result


def _dropped(counted: Counted) -> Counted:
    reason = f"{counted.reason}; dropped as one of the lowest"
    return msgspec.structs.replace(counted, is_dropped=True, reason=reason)


def _share(counted: Counted) -> float:
    points = counted.points or 0
    return points / counted.possible


def total(assignment: Assignment, counted: Iterable[Counted]) -> AssignmentTotal:
    """The sum of what counts in ``assignment`` for one learner."""
    title = assignment.title
    earned = 0.0
    possible = 0.0
    for each in counted:
        if each.assignment == title and each.counts:
            earned += each.points or 0
            possible += each.possible

    # Sums of decimals have an error that nobody should see.
    earned = round(earned, _DECIMALS)
    possible = round(possible, _DECIMALS)
    return AssignmentTotal(
        assignment=title,
        earned=earned,
        possible=possible,
        worth=worth(assignment),
    )


def worth(assignment: Assignment) -> float:
    """The points of the whole assignment."""
    points = 0.0
    for exercise in assignment.exercises:
        points += assignment.worth(exercise)

    return round(points, _DECIMALS)


# One learner


def count(
    assignments: Iterable[Assignment], learner: str, works: Mapping[str, Work]
) -> list[Counted]:
    """What counts for ``learner`` in all ``assignments``; ``works`` has each exercise.

    Free late days go to the assignment that is due first, then to the next one.
    """
    counted: list[Counted] = []
    used = 0
    # The order decides which assignment uses up the free days.
    for assignment in sorted(assignments, key=order):
        left = assignment.late.free_days - used
        own = count_assignment(assignment, learner, works, max(left, 0))
        # A free day counts once for all exercises of an assignment.
        days = [each.free_days for each in own]
        used += max(days)
        counted += own

    return counted


def count_assignment(
    assignment: Assignment, learner: str, works: Mapping[str, Work], free_days: int
) -> list[Counted]:
    """What counts in one assignment, with at most ``free_days`` late days that cost nothing.

    A free day counts once, for all exercises of the assignment.
    """
    counted = []
    for exercise in assignment.exercises:
        work = works[exercise]
        # The order matters: a decision goes before the times, and both before a deduction.
        undecided = _count_one(assignment, learner, exercise, work)
        decided = _decided(undecided, assignment, learner)
        charged = _with_free_days(decided, assignment.late, free_days)
        counted.append(charged)

    return drop_lowest(counted, assignment.drop_lowest)


def _count_one(assignment: Assignment, learner: str, exercise: str, work: Work) -> Counted:
    """What counts for an exercise, before decisions, free days and deductions."""
    times = deadline(assignment, learner, exercise)
    handed = Handed()
    how, days = Lateness.NOTHING, 0
    if work.handed is not None:
        handed = known_time(work.handed, assignment)
        how, days = lateness(handed, times, assignment.late.grace_minutes)

    # A share of the points of an assignment can have any number of decimals.
    possible = round(assignment.worth(exercise), _DECIMALS)
    points = None
    if work.raw is not None:
        points = points_for(work.raw, work.max_points, possible)

    return Counted(
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


def _decided(counted: Counted, assignment: Assignment, learner: str) -> Counted:
    """What a person decided goes before what the times say; then nothing is deducted."""
    replace = msgspec.structs.replace
    exercise = counted.exercise
    override = _decision(assignment.overrides, learner, exercise)
    if override is not None:
        counted = replace(counted, comment=override.comment)
        if override.points is not None:
            reason = f"set by {override.author} ({override.reason})"
            return replace(counted, points=override.points, is_overridden=True, reason=reason)

    excuse = _decision(assignment.excuses, learner, exercise)
    if excuse is not None:
        reason = f"excused ({excuse.reason})"
        return replace(counted, points=None, is_excused=True, reason=reason)

    if counted.raw is None:
        return replace(counted, reason="not graded, which is no zero")
    # Only an override or an excuse can give points after the close.
    if counted.lateness is Lateness.CLOSED:
        return replace(counted, points=0.0)

    return counted


def _with_free_days(counted: Counted, late: Late, free_days: int) -> Counted:
    """Deduct what the late days cost that are not free."""
    is_decided = counted.is_excused or counted.is_overridden
    raw = counted.raw
    if is_decided or raw is None or counted.lateness is not Lateness.LATE:
        return counted
    # A free day is not used up where lateness costs nothing.
    if not late.percent_per_day:
        return counted

    free = min(counted.days_late, free_days)
    charged = counted.days_late - free
    # Free days reduce the days that cost something.
    percent = percent_off(charged, late)
    reason = counted.reason
    if free:
        reason += f", {free} free"

    reason += f", {percent:g} % deducted"
    points = points_for(raw, counted.max_points, counted.possible, percent)
    return msgspec.structs.replace(
        counted, points=points, free_days=free, percent_off=percent, reason=reason
    )


def _reason(how: Lateness, days: int, handed: Handed, times: Deadline) -> str:
    """The phrase for a submission about which nobody decided."""
    if how is Lateness.NOTHING:
        return how.value

    phrase = how.value
    if how is Lateness.LATE:
        phrase = f"{text.count(days, 'day')} late"
    elif how is Lateness.CLOSED:
        phrase = "handed in after the assignment closed"
    elif how is Lateness.UNKNOWN and handed.marked_late:
        phrase = f"{handed.source} marks it late without a time, so nothing is deducted"
    elif how is Lateness.UNKNOWN:
        phrase = f"no reliable time ({handed.problem}), so it does not count as late"

    extension = times.extension
    if extension is not None:
        until = times.due.strftime("%Y-%m-%d %H:%M")
        phrase += f", with an extension to {until} ({extension.reason})"

    return phrase


def _decision(records: Iterable[T], learner: str, exercise: str) -> T | None:
    """The record for this learner: that for the exercise, or else that for all exercises."""
    for_all = None
    for record in records:
        if record.learner != learner:
            continue
        if record.exercise == exercise:
            return record
        # A decision without an exercise holds for the whole assignment.
        if not record.exercise:
            for_all = record

    return for_all
