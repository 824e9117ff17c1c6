"""What grading again has changed, for ``grade report --changes`` and ``--compare``."""

from collections import Counter, defaultdict
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
    # Learner to the exercises and points of each.
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
    learners: Counter[tuple[str, str]] = Counter()
    for change in changes:
        for check in _judged(change):
            name = f"{change.exercise}/{check.name}"
            learners[name, _outcomes(check)] += 1

    for (name, outcomes), number_of_learners in learners.most_common():
        number = text.count(number_of_learners, "learner")
        yield f"  {text.one_line(name)}: {outcomes} for {number}"


def item_lines(before: Sequence[Item], after: Sequence[Item]) -> Iterator[str]:
    """The share of points in both classes, for items that differ by a percentage point or more."""
    old = {item.name: item.difficulty for item in before}
    new = {item.name: item.difficulty for item in after}
    for name in old | new:
        share_before = _percent(old.get(name))
        share_after = _percent(new.get(name))
        if share_before != share_after:
            yield f"  {text.one_line(name)}: {share_before} → {share_after}"


def _grade_lines(change: GradeChange) -> Iterator[str]:
    learner = text.one_line(change.learner)
    before = _points(change.before)
    after = _points(change.after)
    reasons = ", ".join(change.reasons)
    yield f"{learner}  {change.exercise}  {before} → {after}  ({reasons})"
    for check in _judged(change):
        name = text.one_line(check.name)
        before = _points_of(check.before)
        after = _points_of(check.after)
        yield f"    {name}: {_outcomes(check)}, points {before} → {after}"


def _judged(change: GradeChange) -> Sequence[CheckChange]:
    """The checks that differ; none if no file was judged before or after."""
    for entry in (change.before, change.after):
        if entry is not None and not entry.grade.submission:
            return []

    return change.checks


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
