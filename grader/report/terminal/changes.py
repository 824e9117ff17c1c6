"""What grading again has changed, for ``grade report --changes`` and ``--compare``."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grader import text
from grader.grades.changes import CheckChange, GradeChange
from grader.grades.grade import CheckResult
from grader.grades.gradebook import Entry
from grader.grades.items import Item


def change_lines(changes: Iterable[GradeChange], equal: str) -> Iterator[str]:
    """Each grade that differs, with its checks; who is new or gone; the number of equal grades.

    ``equal`` says about a number of grades that they are the same.
    """
    same = 0
    new: dict[str, list[str]] = defaultdict(list)
    gone: dict[str, list[str]] = defaultdict(list)
    for change in changes:
        if change.before is None:
            new[change.learner].append(_result(change.exercise, change.after))
        elif change.after is None:
            gone[change.learner].append(_result(change.exercise, change.before))
        elif change.is_equal:
            # Most grades of a class stay the same, so their number is enough.
            same += 1
        else:
            yield from _grade_lines(change)

    yield from _only_lines("new", new)
    yield from _only_lines("only before", gone)
    if same:
        yield f"{same} {equal}"


def check_lines(changes: Iterable[GradeChange]) -> Iterator[str]:
    """For each check that changed a grade, how many learners it changed in which way."""
    learners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for change in changes:
        for check in change.checks:
            kind = f"{change.exercise}/{check.name}", _outcomes(check)
            learners[kind].append(change.learner)

    by_number = sorted(learners.items(), key=lambda item: -len(item[1]))
    for (name, outcomes), names in by_number:
        number = text.count(len(names), "learner")
        yield f"  {text.one_line(name)}: {outcomes} for {number}"


def item_lines(before: Sequence[Item], after: Sequence[Item]) -> Iterator[str]:
    """The share of points in both classes, for items that differ by a percentage point or more."""
    old = {item.name: item.difficulty for item in before}
    new = {item.name: item.difficulty for item in after}
    for name in old | new:
        shares = _percent(old.get(name)), _percent(new.get(name))
        if shares[0] != shares[1]:
            yield f"  {text.one_line(name)}: {shares[0]} → {shares[1]}"


def _grade_lines(change: GradeChange) -> Iterator[str]:
    points = f"{_points(change.before)} → {_points(change.after)}"
    reasons = ", ".join(change.reasons)
    yield f"{text.one_line(change.learner)}  {change.exercise}  {points}  ({reasons})"
    for check in change.checks:
        old_points = _points_of(check.before)
        new_points = _points_of(check.after)
        name = text.one_line(check.name)
        yield f"    {name}: {_outcomes(check)}, points {old_points} → {new_points}"


def _only_lines(what: str, results: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for learner, own in results.items():
        yield f"{text.one_line(learner)}  {what}: {', '.join(own)}"


def _result(exercise: str, entry: Entry | None) -> str:
    return f"{exercise} {_points(entry)}"


def _outcomes(check: CheckChange) -> str:
    return f"{_word(check.before)} → {_word(check.after)}"


def _word(result: CheckResult | None) -> str:
    if result is None:
        return "(none)"
    return result.word


def _points_of(result: CheckResult | None) -> str:
    if result is None:
        return "none"
    return f"{result.points}/{result.max_points}"


def _points(entry: Entry | None) -> str:
    if entry is None:
        return "none"
    grade = entry.grade
    if grade.status == "ungraded":
        return "not graded"
    if grade.is_absent:
        return "nothing handed in"
    return f"{grade.points}/{grade.max_points}"


def _percent(difficulty: float | None) -> str:
    if difficulty is None:
        return "none"
    return f"{text.percent(difficulty, 1)} %"
