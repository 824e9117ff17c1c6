"""What differs between two grades of the same learner, or between two gradebooks."""

from collections.abc import Mapping

import msgspec

from grader.grades.grade import CheckResult
from grader.grades.gradebook import Entry

Pair = tuple[str, str]
"""A learner and an exercise."""


class CheckChange(msgspec.Struct, frozen=True):
    """A check with another outcome or other points; None where a grade lacks the check."""

    name: str
    before: CheckResult | None
    after: CheckResult | None


class GradeChange(msgspec.Struct, frozen=True):
    """Two grades of one learner for one exercise; None where there is none."""

    learner: str
    exercise: str
    before: Entry | None
    after: Entry | None
    checks: list[CheckChange]
    """The checks that differ, if there are two grades."""

    @property
    def is_equal(self) -> bool:
        """Whether both grades are there, with the same results."""
        return bool(self.before and self.after and not self.checks)

    @property
    def reasons(self) -> list[str]:
        """Why the later grade can differ."""
        if self.before is None or self.after is None:
            return []

        old = self.before.key
        new = self.after.key
        reasons = []
        if old.submission != new.submission:
            reasons.append("another submission")
        if old.definition != new.definition:
            reasons.append("the exercise changed")
        if old.grader != new.grader:
            reasons.append("another version or device")

        return reasons or ["graded again"]


def changes(before: Mapping[Pair, Entry], after: Mapping[Pair, Entry]) -> list[GradeChange]:
    """The changes of all learners and exercises, also those that are equal, in order."""
    found = []
    # Also what only one of the two gradebooks has.
    for pair in sorted(before.keys() | after.keys()):
        learner, exercise = pair
        old = before.get(pair)
        new = after.get(pair)
        checks = []
        if old is not None and new is not None:
            checks = _check_changes(old, new)

        change = GradeChange(
            learner=learner,
            exercise=exercise,
            before=old,
            after=new,
            checks=checks,
        )
        found.append(change)

    return found


def _check_changes(before: Entry, after: Entry) -> list[CheckChange]:
    # Who handed in nothing has a zero for every check of the rubric.
    if before.grade.is_absent and after.grade.is_absent:
        return []

    names = [check.name for check in [*before.grade.checks, *after.grade.checks]]
    found = []
    # Both grades, because a change of the exercise can add or remove checks.
    for name in dict.fromkeys(names):
        old = before.grade.check(name)
        new = after.grade.check(name)
        # Other points are a change of the rubric, even if the outcome is the same.
        if _facts(old) != _facts(new):
            found.append(CheckChange(name, old, new))

    return found


def _facts(result: CheckResult | None) -> tuple[str, int, int]:
    if result is None:
        return "", 0, 0
    return result.word, result.points, result.max_points
