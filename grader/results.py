"""Results: what one examination found, as plain frozen records."""

from datetime import datetime
from enum import Enum
from typing import Literal

import msgspec

FORMAT = 1
"""Version of the results format; see ``docs/results-format.md``."""


class Outcome(str, Enum):
    """How one check ended."""

    PASSED = "passed"
    FAILED = "failed"
    RAISED = "raised"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    FORBIDDEN = "forbidden"
    SKIPPED = "skipped"
    UNGRADED = "ungraded"

    @property
    def missed(self) -> bool:
        """Whether a check that ended so did not do what its line of the rubric says."""
        return self not in (Outcome.PASSED, Outcome.SKIPPED)


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """One failing case in full: every field is text, ready to be shown."""

    call: str = ""
    """What was called, as the learner would write it: ``lookup(weight, idx)``."""
    note: str = ""
    """What was done around the call, where it was more than a call."""
    given: dict[str, str] = {}
    """Parameter name to its value."""
    compared: str = ""
    """What was compared, where it is not the returned value itself: ``the gradient of x``."""
    returned: str = ""
    expected: str = ""
    """What PyTorch gives for the same input, or what else was expected of what was compared."""
    traceback: list[str] = []
    """Lines of the learner's own files only, outermost first."""


class Check(msgspec.Struct, frozen=True):
    """One rubric line with what became of it."""

    name: str
    title: str
    outcome: Outcome
    points: int
    max_points: int
    message: str = ""
    seconds: float = 0.0
    case: Case | None = None
    visible: bool = True
    """Whether the learner is shown more of it than that it exists."""


class Grade(msgspec.Struct, frozen=True, kw_only=True):
    """Every check of one submission, and what follows from them."""

    format: int = FORMAT
    exercise: str
    submission: str
    learner: str
    device: str
    status: Literal["graded", "ungraded"]
    points: int
    max_points: int
    passed: bool
    seconds: float
    seed: int
    stdout: str
    misconception: str | None = None
    explanation: str | None = None
    """What to tell the learner who holds the misconception."""
    asked: str | None = None
    """For a quiz, whose numbers were asked."""
    isolation: dict[str, str | None]
    """Layer of the wall to what holds it, or None where nothing does."""
    checks: list[Check]

    @property
    def hidden(self) -> list[Check]:
        """The checks of which a learner is told no more than their number and points."""
        return [check for check in self.checks if not check.visible]

    @property
    def exit_code(self) -> int:
        """0 every check passed, 1 some check did not, 3 the grader could not grade."""
        if self.status == "ungraded":
            return 3
        return 0 if self.passed else 1


class PlannedCheck(msgspec.Struct, frozen=True):
    """One line of an exercise's rubric, before anyone was graded by it."""

    name: str
    title: str
    points: int
    visible: bool = True
    """Whether a learner is shown its case; its points count either way."""


class PlannedExercise(msgspec.Struct, frozen=True):
    """An exercise as a class is graded on it; ``checks`` in the order of its rubric."""

    id: str
    title: str
    checks: list[PlannedCheck]

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
    exercises: list[PlannedExercise]
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


def printable(name: str) -> str:
    """A name of a file or a person as any page or document can hold it: odd characters become question marks."""
    return "".join(character if character.isprintable() else "?" for character in name)


def for_learner(grade: Grade) -> Grade:
    """``grade`` without what it says of hidden checks: their cases, messages, and a misconception seen only there.

    The misconception is that of the check missed first, and hidden checks run last.
    """
    if not grade.hidden:
        return grade
    checks = [
        check if check.visible else msgspec.structs.replace(check, message="", case=None) for check in grade.checks
    ]
    missed = any(check.visible and check.outcome.missed for check in checks)
    return msgspec.structs.replace(
        grade,
        checks=checks,
        misconception=grade.misconception if missed else None,
        explanation=grade.explanation if missed else None,
    )


def grade_from_checks(
    checks: list[Check],
    *,
    exercise: str,
    submission: str,
    learner: str,
    seed: int,
    device: str = "cpu",
    seconds: float = 0.0,
    stdout: str = "",
    misconception: str | None = None,
    explanation: str | None = None,
    asked: str | None = None,
    isolation: dict[str, str | None] | None = None,
) -> Grade:
    """Add up ``checks``: the one place where points become a grade."""
    outcomes = {check.outcome for check in checks}
    return Grade(
        exercise=exercise,
        submission=printable(submission),
        learner=printable(learner),
        device=device,
        # Where nothing could run, as on a device that is absent, there is nothing to grade.
        status="ungraded" if Outcome.UNGRADED in outcomes or outcomes == {Outcome.SKIPPED} else "graded",
        points=sum(check.points for check in checks),
        max_points=sum(check.max_points for check in checks),
        passed=outcomes == {Outcome.PASSED},
        seconds=seconds,
        seed=seed,
        stdout=stdout,
        misconception=misconception,
        explanation=explanation,
        asked=None if asked is None else printable(asked),
        isolation=isolation or {},
        checks=checks,
    )
