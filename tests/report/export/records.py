"""Classes and gradebooks made from records, so that no test of an export grades anything."""

from datetime import UTC, datetime

from grader.course.records import Check
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.grade import Outcome, grade_from_checks
from grader.grades.gradebook import Entry, Gradebook, Key
from grader.grades.learner import Learner
from tests.grading import check_result

GRADED_AT = datetime(2026, 1, 10, 12, tzinfo=UTC)


def graded(learner, points, of=20, *, exercise="exercise1", outcome=Outcome.FAILED):
    """A grade with one check."""
    check = check_result("a", "It adds", outcome, points, of, "It is <b>1</b>, not 2.")
    return grade_from_checks([check], exercise=exercise, submission="x.py", learner=learner, seed=1)


def class_of(*grades, learners=(), files=None, exercises=("exercise1",), of=20):
    """The results of a class; ``learners`` are those with keys of their own, or without a grade."""
    by_learner = {}
    for grade in grades:
        by_learner.setdefault(grade.learner, {})[grade.exercise] = grade
    known = {learner.name for learner in learners}
    others = [Learner(name) for name in by_learner if name not in known]
    plan = [GradedExercise(each, each.title(), [Check("a", "It adds", of)]) for each in exercises]
    return ClassResults(
        title="spring",
        exercises=plan,
        learners=[*learners, *others],
        grades=by_learner,
        graded_at=GRADED_AT,
        seconds=1.0,
        files=files or {},
    )


def write_gradebook(folder, results, course=""):
    """A gradebook with these results, as ``grade batch`` leaves it in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with Gradebook(folder / "gradebook.db", create=True) as gradebook:
        gradebook.add_learners(results.learners)
        gradebook.note({"title": results.title, "course": str(course)})
        for learner, by_exercise in results.grades.items():
            for exercise, grade in by_exercise.items():
                key = Key(learner, exercise, "digest", "definition", "grader")
                file = results.files.get(learner, {}).get(exercise, "x.py")
                entry = Entry(key, file, results.graded_at.isoformat(), grade)
                gradebook.add([entry])


def absent(learner, of=20, *, exercise="exercise1"):
    """The zero of somebody in the roster who submitted nothing."""
    check = check_result("a", "It adds", Outcome.RAISED, 0, of, "nothing was handed in")
    return grade_from_checks([check], exercise=exercise, submission="", learner=learner, seed=1)
