"""The results of a whole class, made from its gradebook."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from grader.classroom.similarity import Circles, are_together, circles, similar
from grader.classroom.term import with_term
from grader.course import loading
from grader.course.location import default_root
from grader.course.records import Check, Exercise
from grader.grades.changes import GradeChange, changes
from grader.grades.class_results import Attempts, ClassResults, GradedExercise, Identical
from grader.grades.grade import Grade
from grader.grades.gradebook import NAME, Gradebook
from grader.grades.learner import Learner
from grader.grades.notice import NoticeKind

COURSE: Final = "course"
"""The fact of a gradebook that says which course graded it."""
BEFORE: Final = "before"
"""The fact of a gradebook that says how many grades it had before the last batch."""


def results_in(out: Path, named: Path | None) -> ClassResults:
    """The results of the class whose gradebook is in the folder ``out``, as ``results_of``."""
    with Gradebook(out / NAME) as gradebook:
        return results_of(gradebook, named)


def results_of(gradebook: Gradebook, named: Path | None) -> ClassResults:
    """The results of the class, with the course that was ``named`` or else the one that graded.

    Raises ``CourseError`` for a broken course, and ``GradebookError``.
    """
    root = named
    if root is None:
        stored = gradebook.fact(COURSE)
        # The course may have moved, and an older gradebook does not name one.
        if stored and (Path(stored) / "exercises").is_dir():
            root = Path(stored)

    return class_results(gradebook, loading.load_course(root or default_root()))


def class_results(gradebook: Gradebook, exercises: Mapping[str, Exercise]) -> ClassResults:
    """The latest grades of the class, without the exercises that nobody submitted.

    ``exercises`` is the course of today. An exercise that left the course appears under its
    id. Raises ``GradebookError`` if the gradebook cannot be read.
    """
    grades: dict[str, dict[str, Grade]] = defaultdict(dict)
    examples: dict[str, Grade] = {}
    submissions: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    """Exercise and learner to file and fingerprint."""
    graded_at = ""
    files: dict[str, dict[str, str]] = defaultdict(dict)

    # In one pass, because a large class does not fit into memory twice.
    for entry in gradebook.latest():
        key = entry.key
        grades[key.learner][key.exercise] = entry.grade
        examples[key.exercise] = entry.grade
        files[key.learner][key.exercise] = entry.file
        # All times are UTC in one format, so the greatest text is the latest time.
        graded_at = max(graded_at, entry.graded_at)
        # Code that cannot be parsed has no fingerprint, and is not compared.
        if entry.fingerprint:
            submissions[key.exercise][key.learner] = (entry.file, entry.fingerprint)

    # A class without any grade still gets a report, with a date.
    last_time = datetime.now(UTC)
    if graded_at:
        last_time = datetime.fromisoformat(graded_at)

    learners = gradebook.learners()
    together = circles(learners)
    exercises_of_class = list(_graded_exercises(exercises, examples))
    # A batch that was killed at its start leaves a gradebook without a title.
    title = gradebook.fact("title") or gradebook.path.parent.name
    seconds = gradebook.fact("seconds") or 0
    results = ClassResults(
        title=title,
        exercises=exercises_of_class,
        learners=learners,
        grades=dict(grades),
        files=dict(files),
        attempts=_attempts(gradebook),
        graded_at=last_time,
        seconds=float(seconds),
        shared_sheets=_shared_sheets(grades, learners, together, files),
        identical=similar(submissions, list(exercises), together),
        notices=gradebook.notices(),
    )
    return with_term(results, gradebook, exercises)


def _attempts(gradebook: Gradebook) -> dict[str, dict[str, Attempts]]:
    """The attempts of everybody who handed in different submissions for an exercise."""
    attempts: dict[str, dict[str, Attempts]] = defaultdict(dict)
    for learner, exercise_id in gradebook.resubmitted():
        # A submission that was graded again counts once, with its latest grade.
        points: dict[str, int] = {}
        for entry in gradebook.history(learner, exercise_id):
            grade = entry.grade
            if grade.is_attempt:
                points[entry.key.submission] = grade.points

        if len(points) > 1:
            first, *later = points.values()
            best = max(first, *later)
            attempts[learner][exercise_id] = Attempts(len(points), first, best)

    return dict(attempts)


def changes_of(gradebook: Gradebook) -> list[GradeChange]:
    """What the last grading of each submission changed, and who is new since the batch before."""
    before = {}
    after = {}
    for pair in gradebook.regraded():
        *_, earlier, later = gradebook.history(*pair)
        before[pair] = earlier
        after[pair] = later

    stored = gradebook.fact(BEFORE) or "0"
    # In its first batch, everybody is new.
    if stored.isdecimal() and int(stored):
        for pair in gradebook.added_after(int(stored)):
            if pair not in after:
                after[pair] = gradebook.history(*pair)[-1]

    return changes(before, after)


def is_complete(results: ClassResults) -> bool:
    """Whether every submission could be graded, with any grade."""
    # A file that this machine cannot read has a notice, and perhaps no grade.
    for notice in results.notices:
        if notice.kind is NoticeKind.UNREADABLE:
            return False

    for grades in results.grades.values():
        for grade in grades.values():
            if grade.status == "ungraded":
                return False

    return True


def _graded_exercises(
    exercises: Mapping[str, Exercise], examples: Mapping[str, Grade]
) -> Iterator[GradedExercise]:
    """The exercises that have grades; ``examples`` has one grade of each."""
    for exercise_id, exercise in exercises.items():
        if exercise_id not in examples:
            continue

        checks = list(exercise.spec.checks)
        graded = [result.check for result in examples[exercise_id].checks]
        # Points count by the rubric that graded, not by that of another or a later course.
        if _worths(checks) != _worths(graded):
            checks = graded

        yield GradedExercise(exercise_id, exercise.spec.title, checks)

    # Nothing but a grade knows the checks of an exercise that left the course.
    for exercise_id in sorted(examples.keys() - exercises.keys()):
        example = examples[exercise_id]
        checks = [result.check for result in example.checks]
        yield GradedExercise(exercise_id, exercise_id, checks)


def _worths(checks: Iterable[Check]) -> dict[str, int]:
    # The order may differ: hidden checks run last.
    return {check.name: check.points for check in checks}


def _shared_sheets(
    grades: Mapping[str, Mapping[str, Grade]],
    learners: Sequence[Learner],
    together: Circles,
    files: Mapping[str, Mapping[str, str]],
) -> list[Identical]:
    """Groups of learners whose answer sheets have the quiz numbers of one name.

    One of them copied a sheet, or all used one login. The name is the one on the sheet: a
    download seldom names learners by the login with which they started their sheets.
    """
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for learner, by_exercise in grades.items():
        for exercise_id, grade in by_exercise.items():
            # Only a quiz has numbers, and a file that is no answer sheet has none.
            name = grade.sheet_learner or grade.asked
            if name:
                groups[exercise_id, name].add(learner)

    shared = []
    for (exercise_id, name), group in groups.items():
        # The owner of the name belongs to the group, even without a submission of their own.
        for owner in learners:
            if name == owner.name or name in owner.keys:
                group.add(owner.name)

        # Learners with their own numbers need no mention.
        if len(group) < 2:
            continue

        sheets = set()
        for learner in group:
            file = files.get(learner, {}).get(exercise_id, learner)
            sheets.add(file)

        # Partners share a sheet.
        if len(sheets) > 1 and not are_together(group, together):
            shared.append(Identical(exercise_id, sorted(group)))

    return shared
