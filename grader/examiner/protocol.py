"""What is said between a command and its examiner process."""

import msgspec

from grader.course import Exercise
from grader.results import Grade
from grader.submission import Submission


class Examine(msgspec.Struct, frozen=True, tag=True):
    """A request: grade this submission."""

    exercise: Exercise
    submission: Submission
    learner: str
    seed: int
    """The run's secret, 0 to 2**63 - 1: it decides every hidden input."""


class Inspect(msgspec.Struct, frozen=True, tag=True):
    """A request: make a learner process and say which layers of the wall hold it."""


Request = Examine | Inspect


class Inspected(msgspec.Struct, frozen=True, tag=True):
    """The reply to ``Inspect``: layer to what holds it, or None."""

    isolation: dict[str, str | None]


class Graded(msgspec.Struct, frozen=True, tag=True):
    """The reply where the examiner could grade, even if some check is ``ungraded``."""

    grade: Grade


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """The reply where it could not: the error's class in ``grader.errors`` and its sentence."""

    error: str
    message: str


Reply = Graded | Inspected | Refusal
