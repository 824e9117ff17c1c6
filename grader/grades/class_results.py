"""The results of a whole class, as plain frozen records."""

from datetime import datetime

import msgspec

from grader.course.records import Check
from grader.grades.grade import Grade


class GradedExercise(msgspec.Struct, frozen=True):
    """An exercise as a class was graded on it; ``checks`` in the order of its rubric."""

    id: str
    title: str
    checks: list[Check]

    @property
    def max_points(self) -> int:
        """Points of all its checks."""
        return sum(check.points for check in self.checks)


class Learner(msgspec.Struct, frozen=True):
    """Someone of a class."""

    name: str
    """As in ``Grade.learner``: unique in the class."""
    keys: list[str] = []
    """What else names them in another system: the number in a downloaded file's name, an e-mail address."""


class Identical(msgspec.Struct, frozen=True):
    """Learners whose submissions for one exercise are the same but for names, comments and layout."""

    exercise: str
    learners: list[str]


class ClassResults(msgspec.Struct, frozen=True, kw_only=True):
    """A whole class as graded: what every report and every export of it is made from.

    ``grades`` maps a learner's name to exercise id to their latest grade. Where nothing
    was handed in there is no entry; ``grade`` gives None. A grade of status ``ungraded``
    is our failure and stands in no total, mean or export as a zero.
    """

    title: str
    """What to call the class on a page: the name of the folder of submissions."""
    exercises: list[GradedExercise]
    learners: list[Learner]
    """Everyone, in the order to show them in; also who handed in nothing."""
    grades: dict[str, dict[str, Grade]]
    graded_at: datetime
    """When grading ended, with its time zone."""
    seconds: float
    """Wall time of the whole grading."""
    shared_sheets: list[Identical] = []
    """Learners whose numbers in a quiz were drawn for one name, so that an answer of one fits the others'."""
    identical: list[Identical] = []
    notices: list[str] = []
    """A sentence for each file or folder that was not graded, and why."""

    @property
    def missing_layers(self) -> list[str]:
        """Layers of the wall that nothing held for some submission, in the order in which grades name them."""
        layers = {
            layer: None
            for by_exercise in self.grades.values()
            for grade in by_exercise.values()
            for layer, holds in grade.isolation.items()
            if holds is None
        }
        return list(layers)

    def grade(self, learner: str, exercise: str) -> Grade | None:
        """The grade of ``learner`` for ``exercise``; None where nothing was handed in."""
        return self.grades.get(learner, {}).get(exercise)
