"""The rules of assignments: late days, deductions, free days, dropping, and what people decide."""

import math
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.assignment import Assignment, Excuse, Extension, Late, Override
from grader.grades import rules
from grader.grades.counted import Handed, Lateness
from grader.grades.rules import Work

few = settings(max_examples=30, deadline=None)
DUE = datetime(2026, 10, 24, 23, 59, tzinfo=timezone(timedelta(hours=2)))
"""In the night after it, clocks in Berlin go back."""
WEIGHTS = {"exercise1": 10.0, "exercise2": 20.0, "exercise3": 5.0}
points = st.integers(0, 20)
offsets = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
minutes = st.integers(-3000, 20000)
policies = st.builds(
    Late,
    grace_minutes=st.integers(0, 200),
    percent_per_day=st.sampled_from([0, 5, 10, 50, 100]),
    max_percent=st.sampled_from([0, 30, 100]),
    free_days=st.integers(0, 5),
)


def assignment(title="Week 1", due=DUE, **changes):
    """An assignment of three exercises."""
    changes = {"exercises": WEIGHTS, **changes}
    return Assignment(format=1, title=title, due=due.isoformat(), **changes)


def work(raw=20, late=-60, zone=UTC):
    """Work that was handed in so many minutes after the due time."""
    at = (DUE + timedelta(minutes=late)).astimezone(zone)
    return Work(raw, 20, Handed(at, "the roster"))


def works(*each):
    return dict(zip(WEIGHTS, each, strict=True))


def counted_for(one, *each):
    """What counts for ada in one assignment."""
    return rules.count([one], "ada", works(*each))


def total(one, *each):
    return rules.total(one, counted_for(one, *each))


@few
@given(late=minutes, zone=offsets, grace=st.integers(0, 200))
def test_days_are_the_same_in_every_zone(late, zone, grace):
    """Each started day counts, from the due time on; within the grace period there is none."""
    at = DUE + timedelta(minutes=late)
    days = rules.days_late(at, DUE, grace)
    assert days == rules.days_late(at.astimezone(zone), DUE.astimezone(UTC), grace)
    assert days == (0 if late <= grace else math.ceil(late / 1440))


@few
@given(raws=st.tuples(points, points, points), lates=st.tuples(minutes, minutes), policy=policies)
def test_points_stay_within_bounds_and_later_is_never_better(raws, lates, policy):
    """Points lie between 0 and the share of the weight; a later time never earns more."""
    sooner, later = sorted(lates)
    one = assignment(late=policy, points=100)
    earned = []
    for late in (sooner, later):
        counted = counted_for(one, *(work(raw, late) for raw in raws))
        for each in counted:
            assert 0 <= each.points <= each.possible * each.raw / each.max_points + 1e-6
            assert each.free_days <= min(each.days_late, policy.free_days)
        sums = rules.total(one, counted)
        assert sums.worth == sums.possible == 100
        earned.append(sums.points)
    assert 100 >= earned[0] >= earned[1] >= 0


@few
@given(raws=st.tuples(points, points, points), number=st.integers(0, 5))
def test_dropping_the_lowest_never_lowers_the_share(raws, number):
    """At least one exercise stays, and the share of the rest is no smaller than that of all."""
    kept = total(assignment(drop_lowest=number), *map(work, raws))
    whole = total(assignment(), *map(work, raws))
    assert kept.possible > 0
    assert kept.points >= whole.points
    assert (kept.worth, whole.worth) == (35, 35)


@few
@given(lates=st.tuples(*[st.integers(0, 9000)] * 3), free=st.integers(0, 6))
def test_free_days_are_never_more_than_there_are(lates, free):
    """Over all assignments a learner has so many free days, and the first ones due get them."""
    term = []
    for number in range(3):
        policy = Late(percent_per_day=10, free_days=free)
        title = f"Week {number}"
        exercises = {f"exercise{number}": 10.0}
        term.append(assignment(title, DUE + timedelta(number), exercises=exercises, late=policy))
    done = {f"exercise{number}": work(20, late) for number, late in enumerate(lates)}
    counted = rules.count(reversed(term), "ada", done)
    assert [each.assignment for each in counted] == ["Week 0", "Week 1", "Week 2"]
    left = free
    for each in counted:
        assert each.free_days == min(left, each.days_late)
        left -= each.free_days
        charged = each.days_late - each.free_days
        assert each.points == max(10 - charged, 0)


def test_a_free_day_counts_once_for_all_exercises():
    """Two exercises that are two days late use two free days, and not four."""
    policy = Late(percent_per_day=10, free_days=2)
    counted = counted_for(assignment(late=policy), work(20, 1500), work(20, 2000), work(20, 3000))
    assert [each.days_late for each in counted] == [2, 2, 3]
    assert [each.free_days for each in counted] == [2, 2, 2]
    assert [each.points for each in counted] == [10, 20, 4.5]
    assert counted[2].reason == "3 days late, 2 free, 10 % deducted"


def test_close_extension_excuse_and_override():
    """An extension moves the times of one learner; decisions of people go before everything."""
    closes = DUE + timedelta(days=1)
    extended = (DUE + timedelta(days=3)).isoformat()
    one = assignment(
        closes=closes.isoformat(),
        late=Late(percent_per_day=50),
        extensions=(Extension("ada", extended, "illness", "exercise1"),),
        excuses=(Excuse("ada", "illness", "exercise2"),),
        overrides=(Override("ada", "exercise3", "by hand", "G. Hopper", 7, "Well argued."),),
    )
    late = [work(20, 1450)] * 3
    first, second, third = counted_for(one, *late)
    assert (first.lateness, first.points) == (Lateness.ON_TIME, 10)
    assert first.reason == "on time, with an extension to 2026-10-27 23:59 (illness)"
    assert (second.is_excused, second.points) == (True, None)
    assert (third.points, third.reason) == (7, "set by G. Hopper (by hand)")
    assert rules.total(one, [first, second, third]) == rules.AssignmentTotal("Week 1", 17, 15, 35)
    others = rules.count([one], "ben", works(*late))
    assert [(each.lateness, each.points) for each in others] == [(Lateness.CLOSED, 0)] * 3


def test_nobody_is_late_by_a_guess():
    """Without a reliable time nothing is deducted, and the reason says so."""
    one = assignment(late=Late(percent_per_day=100))
    unknown = Work(10, 20, Handed(problem="no time in the folder"))
    marked = Work(10, 20, Handed(source="Canvas", marked_late=True))
    unmarked = Work(10, 20, Handed(source="Canvas", marked_late=False))
    counted = counted_for(one, unknown, marked, unmarked)
    assert [each.points for each in counted] == [5, 10, 2.5]
    assert [each.lateness.value for each in counted] == ["unknown", "unknown", "on time"]
    assert counted[0].reason == (
        "no reliable time (no time in the folder), so it does not count as late"
    )
    assert counted[1].reason == "Canvas marks it late without a time, so nothing is deducted"


def test_a_failure_of_the_grader_is_no_zero():
    """What could not be graded is in no total, and nothing handed in is a zero."""
    failed = Work(None, 20, Handed(DUE, "the roster"))
    one = assignment()
    counted = counted_for(one, failed, Work(0, 20, None), work(20))
    assert [each.points for each in counted] == [None, 0, 5]
    sums = rules.total(one, counted)
    assert (sums.earned, sums.possible, sums.points) == (5, 25, 7)
    assert rules.total(one, counted_for(one, failed, failed, failed)).points is None
