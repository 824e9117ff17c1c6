"""The results of a whole class, as plain frozen records."""

from collections.abc import Collection, Iterator
from datetime import datetime

import msgspec

from grader.course.assignment import Assignment
from grader.course.records import Check
from grader.grades.comments import reaches
from grader.grades.counted import AssignmentTotal, Comment, Counted
from grader.grades.grade import Grade
from grader.grades.learner import Learner
from grader.grades.notice import Notice
from grader.grades.rules import total


class GradedExercise(msgspec.Struct, frozen=True):
    """An exercise of the class; ``checks`` are in the order of the rubric."""

    id: str
    title: str
    checks: list[Check]

    @property
    def max_points(self) -> int:
        """Points of all checks."""
        return sum(check.points for check in self.checks)


class Identical(msgspec.Struct, frozen=True):
    """Learners whose submissions share code, apart from names, comments and layout."""

    exercise: str
    learners: list[str]
    together: int = 1
    """In how many exercises two of them share code."""
    percent: int = 100
    """How much of the smallest of their submissions they share."""


class Attempts(msgspec.Struct, frozen=True):
    """The different submissions of a learner for an exercise, each with its latest grade."""

    number: int
    first: int
    """Points of the first submission."""
    best: int
    """Points of the best submission."""


class ClassResults(msgspec.Struct, frozen=True, kw_only=True):
    """All grades of a class; every report and export is made from this record.

    ``grades`` maps a learner's name and an exercise id to the latest grade. It has no entry
    if the learner submitted nothing; ``grade`` then returns None. A grade with status
    ``ungraded`` is a failure of the grader: no total, mean or export counts it as zero.
    """

    title: str
    """The name of the folder of submissions."""
    exercises: list[GradedExercise]
    learners: list[Learner]
    """The whole class in display order, including learners who submitted nothing."""
    grades: dict[str, dict[str, Grade]]
    graded_at: datetime
    """When grading ended, with the time zone."""
    seconds: float
    """Wall time of the whole grading."""
    files: dict[str, dict[str, str]] = {}
    """Learner and exercise to the path of the graded file in the folder of submissions."""
    attempts: dict[str, dict[str, Attempts]] = {}
    """Learner and exercise to the attempts, if there is more than one."""
    shared_sheets: list[Identical] = []
    """Learners whose quiz numbers were drawn for one name: they can share their answers."""
    identical: list[Identical] = []
    notices: list[Notice] = []
    assignments: list[Assignment] = []
    """The assignments that the class was graded with, in the order of their due times."""
    counted: dict[str, list[Counted]] = {}
    """Learner to what counts for each exercise of the assignments."""
    comments: list[Comment] = []
    """What the instructor said about submissions."""

    @property
    def missing_layers(self) -> list[str]:
        """Sandbox layers that were missing for some submission, in the order of the grades."""
        missing = []
        for by_exercise in self.grades.values():
            for grade in by_exercise.values():
                # The machines of a cluster can differ, so every grade counts.
                for layer, mechanism in grade.isolation.items():
                    if mechanism is None and layer not in missing:
                        missing.append(layer)

        return missing

    def about(self, exercises: Collection[str]) -> "ClassResults":
        """What belongs to some exercises: for a page about one week of a term."""
        assignments = [each for each in self.assignments if set(each.exercises) & set(exercises)]
        titles = [each.title for each in assignments]
        # A total needs all exercises of its assignment.
        counted = {
            learner: [each for each in own if each.assignment in titles]
            for learner, own in self.counted.items()
        }
        return msgspec.structs.replace(
            self,
            exercises=[each for each in self.exercises if each.id in exercises],
            identical=[each for each in self.identical if each.exercise in exercises],
            assignments=assignments,
            counted=counted,
        )

    def attempts_of(self, learner: str, exercise: str) -> Attempts | None:
        """The attempts of ``learner`` at ``exercise``; None if there is no grade."""
        several = self.attempts.get(learner, {})
        if exercise in several:
            return several[exercise]

        grade = self.grade(learner, exercise)
        # Attempts are listed only where there are several.
        if grade is None or grade.is_absent:
            return None
        if grade.status == "ungraded":
            return None

        return Attempts(1, grade.points, grade.points)

    def submitted(self, exercise: str) -> Iterator[tuple[str, Grade]]:
        """Each learner's name and grade for ``exercise``, without missing submissions."""
        # The name is the class's own: a quiz's grade names the person that its sheet names.
        for learner in self.learners:
            grade = self.grade(learner.name, exercise)
            if grade is not None and not grade.is_absent:
                yield learner.name, grade

    def grade(self, learner: str, exercise: str) -> Grade | None:
        """The grade of ``learner`` for ``exercise``; None if they submitted nothing."""
        return self.grades.get(learner, {}).get(exercise)

    def counted_for(self, learner: str, exercise: str) -> Counted | None:
        """What counts for ``exercise``; None if it belongs to no assignment."""
        for counted in self.counted.get(learner, []):
            if counted.exercise == exercise:
                return counted

        return None

    def totals_of(self, learner: str) -> list[AssignmentTotal]:
        """The total of each assignment."""
        counted = self.counted.get(learner, [])
        return [total(assignment, counted) for assignment in self.assignments]

    def comments_for(self, learner: str, exercise: str) -> list[str]:
        """The comments of the instructor on a learner's work, and that of an override."""
        texts = []
        counted = self.counted_for(learner, exercise)
        if counted is not None and counted.comment:
            texts.append(counted.comment)

        grade = self.grade(learner, exercise)
        for comment in self.comments:
            if comment.exercise == exercise and reaches(comment, learner, grade):
                texts.append(comment.text)

        return texts
