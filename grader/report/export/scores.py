"""The points for the columns of another system: of an exercise, or of a whole assignment."""

import msgspec

from grader.grades.class_results import ClassResults, GradedExercise


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
    titles = [assignment.title for assignment in results.assignments]
    assignments = [GradedExercise(title, title, []) for title in titles]
    return msgspec.structs.replace(results, exercises=[*results.exercises, *assignments])


def parts(results: ClassResults, column: GradedExercise) -> list[GradedExercise]:
    """The exercises of an assignment, or ``column`` itself if it is an exercise."""
    for assignment in results.assignments:
        if assignment.title == column.id:
            return [each for each in results.exercises if each.id in assignment.exercises]
    return [column]


def score(results: ClassResults, learner: str, column: GradedExercise) -> Score | None:
    """The points of ``learner`` for ``column``; None if nothing is known about them."""
    grade = results.grade(learner, column.id)
    counted = results.counted_for(learner, column.id)
    if counted is not None:
        return Score(
            points=counted.points or 0,
            max_points=counted.possible,
            is_absent=grade is None or grade.is_absent,
            is_excused=counted.is_excused,
            is_ungraded=counted.points is None and not counted.is_excused,
        )
    if grade is not None:
        is_ungraded = grade.status == "ungraded"
        return Score(grade.points, grade.max_points, grade.is_absent, is_ungraded=is_ungraded)
    return _total(results, learner, column.id)


def _total(results: ClassResults, learner: str, title: str) -> Score | None:
    """The total of the assignment with this title."""
    own = [each for each in results.counted.get(learner, []) if each.assignment == title]
    for total in results.totals_of(learner):
        if total.assignment == title:
            grades = [results.grade(learner, each.exercise) for each in own]
            return Score(
                points=total.points or 0,
                max_points=total.worth,
                is_absent=all(grade is None or grade.is_absent for grade in grades),
                is_excused=all(each.is_excused for each in own),
                # A total without one of its exercises would look final.
                is_ungraded=any(each.points is None and not each.is_excused for each in own),
            )
    return None
