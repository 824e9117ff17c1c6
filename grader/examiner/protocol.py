"""What is said between a command and its examiner process."""

import random

import msgspec

from grader.course.records import Exercise
from grader.grades.grade import Grade
from grader.submission.files import Submission


class Examine(msgspec.Struct, frozen=True, tag=True):
    """A request: grade this submission."""

    exercise: Exercise
    submission: Submission
    learner: str
    """Who it is by."""
    seed: int
    """The run's secret, 0 to 2**63 - 1: it decides every hidden input."""
    stop_at_first_failure: bool = False
    """Whether to end the grade with the first missed check, without naming a misconception."""
    device: str = "cpu"
    """What the checks are for: ``cpu``, ``cuda`` or ``mps``; nothing to a quiz."""
    ignore_sheet_name: bool = False
    """Whether to ask a quiz with the numbers of ``learner``, whatever name its sheet carries."""


def new_seed() -> int:
    """A run's secret, drawn afresh."""
    return random.SystemRandom().getrandbits(32)


class Survey(msgspec.Struct, frozen=True, tag=True):
    """A request: try a quiz's question with all the numbers that can be drawn for it."""

    exercise: Exercise
    question: str
    learner: str
    """Whose numbers the answers in the reply are for."""
    answers_only: bool = False
    """Whether to compute only the answers for this learner's numbers and try no others."""


class Inspect(msgspec.Struct, frozen=True, tag=True):
    """A request: start a learner process and report the layers of its sandbox."""


class Detect(msgspec.Struct, frozen=True, tag=True):
    """A request: say which devices there are."""


Request = Examine | Survey | Inspect | Detect


class Detected(msgspec.Struct, frozen=True, tag=True):
    """The reply to ``Detect``: what ``Examine.device`` can be here, ``cpu`` first."""

    devices: list[str]


class Inspected(msgspec.Struct, frozen=True, tag=True):
    """The reply to ``Inspect``: layer to what holds it, or None."""

    isolation: dict[str, str | None]


class Graded(msgspec.Struct, frozen=True, tag=True):
    """The reply where the examiner could grade, even if some check is ``ungraded``."""

    grade: Grade


class Clash(msgspec.Struct, frozen=True):
    """Numbers for which a known wrong answer is the same as another answer."""

    misconception: str
    other: str
    """The key, as ``""``, or another misconception."""
    numbers: dict[str, int]


class Surveyed(msgspec.Struct, frozen=True, tag=True):
    """The reply to a survey."""

    tried: int
    """Draws that were tried: all of them, or as many as said."""
    possible: int
    """Draws that there are; where not all were tried, an upper bound."""
    key: str
    """The right answer, as text."""
    wrong: dict[str, str]
    """Misconception to its answer, as text."""
    clashes: list[Clash]
    """One example for each pair of answers."""


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """The reply where it could not: the error's class in ``grader.errors`` and its sentence."""

    error: str
    message: str


Reply = Graded | Surveyed | Inspected | Detected | Refusal
