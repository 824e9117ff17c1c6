"""The points for the columns of another system: of an exercise, or of a whole assignment."""

import msgspec

from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.counted import Lateness


class Score(msgspec.Struct, frozen=True):
    """The points of one learner for one column."""

    points: float
    max_points: float
    is_absent: bool = False
    """Whether nothing was handed in."""
    is_excused: bool = False
    """Whether it does not count for this learner."""
    is_ungraded: bool = False
    """Whether the grader failed, which is no zero."""


def with_assignments(results: ClassResults) -> ClassResults:
    """``results`` with a further exercise for each assignment, so that it can have a column."""
    exercises = list(results.exercises)
    for assignment in results.assignments:
        title = assignment.title
        column = GradedExercise(title, title, [])
        exercises.append(column)

    return msgspec.structs.replace(results, exercises=exercises)


def parts(results: ClassResults, column: GradedExercise) -> list[GradedExercise]:
    """The exercises of an assignment, or ``column`` itself if it is an exercise."""
    for assignment in results.assignments:
        if assignment.title == column.id:
            own = assignment.exercises
            return [each for each in results.exercises if each.id in own]

    return [column]


def score(results: ClassResults, learner: str, column: GradedExercise) -> Score | None:
    """The points of ``learner`` for ``column``; None if nothing is known about them."""
    grade = results.grade(learner, column.id)
    counted = results.counted_for(learner, column.id)
    is_absent = grade is None or grade.is_absent
    if counted is not None:
        return Score(
            points=counted.points or 0,
            max_points=counted.possible,
            is_absent=is_absent,
            is_excused=counted.is_excused,
            is_ungraded=counted.is_ungraded,
        )

    if grade is None:
        return _total(results, learner, column.id)

    return Score(
        points=grade.points,
        max_points=grade.max_points,
        is_absent=is_absent,
        is_ungraded=grade.status == "ungraded",
    )


def _total(results: ClassResults, learner: str, title: str) -> Score | None:
    for total in results.totals_of(learner):
        if total.assignment != title:
            continue

        own = [each for each in results.counted[learner] if each.assignment == title]
        nothing = [each.lateness is Lateness.NOTHING for each in own]
        excused = [each.is_excused for each in own]
        ungraded = [each.is_ungraded for each in own]
        return Score(
            points=total.points or 0,
            max_points=total.worth,
            is_absent=all(nothing),
            is_excused=all(excused),
            # A total without one of its exercises would look final.
            is_ungraded=any(ungraded),
        )

    return None
