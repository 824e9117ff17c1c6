"""The messages between a command and its examiner process."""

import random
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from grader.course.records import Exercise
from grader.examiner import resident
from grader.grades.grade import Case, CheckResult, Frame, Grade, Outcome, grade_from_checks
from grader.submission.files import Submission

AnswerKind = Literal["shape", "number", "yes_or_no", "exception", "none"]
SEED_BITS: Final = 53
"""Bits of a random seed. Programs in other languages read larger numbers from JSON wrongly."""
MAX_DRAWS: Final = 10_000
"""How many draws of a question are tried."""
FIRST_FAILURE: Final[tuple[str, ...]] = ()
"""The value of ``stop_after`` that stops at the first failure of any check."""


class Examine(msgspec.Struct, frozen=True, tag=True):
    """A request: grade this submission."""

    exercise: Exercise
    submission: Submission
    learner: str
    seed: int
    """The run's secret, 0 to 2**63 - 1, from which every hidden input follows."""
    stop_after: tuple[str, ...] | None = None
    """Stop at the failure with which all of these checks have failed; ``None`` to run all checks.

    ``FIRST_FAILURE`` names none. A grade that may stop has no misconception.
    """
    device: str = "cpu"
    """Where the submission computes: ``cpu``, ``cuda`` or ``mps``. A quiz ignores it."""
    attempts: dict[str, int] = {}
    """For a quiz: question to the first attempt that still counts, if it is not the first."""
    diagnose: bool = True
    """Whether to name the misconception."""
    small_example: bool = False
    """Whether to look for smaller arguments on which the first failed check fails, too.

    The page of one person then also gets the numbers of each case.
    """
    again: bool = False
    """Whether this is the second try.

    On the first try, a time limit that runs out decides nothing: the reply is ``Overran``. Only
    if the code is the grader's ``own``, a call that used up its CPU time decides at once.
    """

    own: bool = False
    """Whether the code belongs to the person who grades: then a missing layer of the sandbox
    does not stop it, except with ``--isolation strict``."""
    is_course: bool = False
    """Whether the code is part of the course, so that it may share a process with other such code.
    """

    def grade(self, checks: list[CheckResult], **fields: Any) -> Grade:
        """Make the grade of this submission; ``fields`` are those of ``grade_from_checks``."""
        return grade_from_checks(
            checks,
            exercise=self.exercise.id,
            submission=self.submission.name,
            learner=self.learner,
            seed=self.seed,
            device=self.device,
            file_note=self.submission.file_note,
            **fields,
        )

    def zero_grade(
        self,
        outcome: Outcome,
        reason: str,
        case: Case | None = None,
        frames: Sequence[Frame] = (),
    ) -> Grade:
        """Make a zero-point grade; every check carries the reason."""
        results = [
            CheckResult(
                check=check,
                outcome=outcome,
                points=0,
                message=reason,
                case=case,
                frames=list(frames),
            )
            for check in self.exercise.spec.checks
        ]
        return self.grade(results)


def new_seed() -> int:
    """Return a random seed, the secret of a run.

    A submission sees numbers that are derived from it, so nobody may be able to try all seeds.
    """
    return random.SystemRandom().getrandbits(SEED_BITS)


class Survey(msgspec.Struct, frozen=True, tag=True):
    """A request: answer a quiz question with all the numbers that can be drawn for it."""

    exercise: Exercise
    question: str
    learner: str
    """The answers in the reply are for this learner's numbers."""
    answers_only: bool = False
    """Whether to answer for this learner's numbers only."""
    numbers: dict[str, int] | None = None
    """Numbers to answer for, in place of the learner's."""
    most: int = MAX_DRAWS
    """How many draws of the question to try."""


class Inspect(msgspec.Struct, frozen=True, tag=True):
    """A request: start a learner process and report the layers of its sandbox."""


class Detect(msgspec.Struct, frozen=True, tag=True):
    """A request: report the devices of this machine."""


class Record(msgspec.Struct, frozen=True, tag=True):
    """A request: run the visible checks of an exercise on its solution, and record the calls."""

    exercise: Exercise
    seeds: list[int]


class FindGaps(msgspec.Struct, frozen=True, tag=True):
    """A request: find methods that do what an exercise forbids."""

    exercise: Exercise


class Stay(msgspec.Struct, frozen=True, tag=True):
    """A request without reply: stay after this command."""

    how: resident.Stay


Request = Examine | Survey | Inspect | Detect | FindGaps | Record


class Detected(msgspec.Struct, frozen=True, tag=True):
    """The reply to ``Detect``: the possible values of ``Examine.device``, ``cpu`` first."""

    devices: list[str]


class Inspected(msgspec.Struct, frozen=True, tag=True):
    """The reply to ``Inspect``: sandbox layer to what provides it, or None."""

    isolation: dict[str, str | None]


class Graded(msgspec.Struct, frozen=True, tag=True):
    """The reply to ``Examine``. Some of its checks can still be ``ungraded``."""

    grade: Grade


class Overran(msgspec.Struct, frozen=True, tag=True):
    """The reply to a first ``Examine`` in which a time limit ran out: try again."""

    was_slowed: bool
    """Whether other work may be the reason, so that the second try must be alone."""


class Clash(msgspec.Struct, frozen=True):
    """Numbers for which a known wrong answer equals another answer."""

    misconception: str
    other: str
    """Another misconception, or ``""`` for the right answer."""
    numbers: dict[str, int]


class Surveyed(msgspec.Struct, frozen=True, tag=True):
    """The reply to ``Survey``."""

    tried: int
    """How many draws were tried."""
    possible: int
    """How many draws there are; an upper bound if not all were tried."""
    key: str
    """The right answer, as text."""
    wrong: dict[str, str]
    """Misconception to its answer, as text."""
    clashes: list[Clash]
    """One example for each pair of answers."""
    fixed: float = 0.0
    """Share of the draws whose key is the most frequent one: what one fixed answer gets."""
    guessed: float = 0.0
    """Mean chance that a guess among the plausible answers is right."""
    kind: AnswerKind = "number"
    """What the right answer is."""
    experiment: str = ""
    """Code that shows the right answer when it runs."""


class Gaps(msgspec.Struct, frozen=True, tag=True):
    """The reply to ``FindGaps``."""

    operators: dict[str, str]
    """Forbidden name to the operator that its method calls, and that is not forbidden."""


class Recorded(msgspec.Struct, frozen=True, tag=True):
    """The reply to ``Record``."""

    recording: bytes
    """An encoded ``Recording`` (``grader.examiner.recording``)."""


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """The reply if a request failed: the fields of an error in ``grader.errors``."""

    error: str
    """The name of its class."""
    problem: str
    place: str = ""
    line: int | None = None
    advice: str = ""


Reply = Graded | Overran | Surveyed | Inspected | Detected | Gaps | Recorded | Refusal
