"""Results: what one examination found, as plain frozen records."""

from enum import Enum
from typing import Literal

import msgspec

from grader.course.records import Check
from grader.text import printable

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


class CheckResult(msgspec.Struct, frozen=True):
    """What came of one check."""

    check: Check
    outcome: Outcome
    points: int
    message: str = ""
    seconds: float = 0.0
    case: Case | None = None

    @property
    def name(self) -> str:
        """The name of the check."""
        return self.check.name

    @property
    def title(self) -> str:
        """The sentence that the rubric has for the check. Show it only if ``visible``."""
        return self.check.title

    @property
    def max_points(self) -> int:
        """The points that the check is worth."""
        return self.check.points

    @property
    def visible(self) -> bool:
        """Whether the learner may see more of the check than its points."""
        return self.check.visible


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
    checks: list[CheckResult]

    @property
    def hidden(self) -> list[CheckResult]:
        """The checks of which a learner is told no more than their number and points."""
        return [check for check in self.checks if not check.visible]

    @property
    def exit_code(self) -> int:
        """0 every check passed, 1 some check did not, 3 the grader could not grade."""
        if self.status == "ungraded":
            return 3
        return 0 if self.passed else 1


def for_learner(grade: Grade) -> Grade:
    """``grade`` without what it says of hidden checks: their cases, messages, and a misconception seen only there.

    The misconception is that of the check missed first, and hidden checks run last.
    """
    if not grade.hidden:
        return grade
    checks = [
        check if check.visible else msgspec.structs.replace(check, message="", case=None)
        for check in grade.checks
    ]
    missed = any(check.visible and check.outcome.missed for check in checks)
    return msgspec.structs.replace(
        grade,
        checks=checks,
        misconception=grade.misconception if missed else None,
        explanation=grade.explanation if missed else None,
    )


def grade_from_checks(
    checks: list[CheckResult],
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
        status="ungraded"
        if Outcome.UNGRADED in outcomes or outcomes == {Outcome.SKIPPED}
        else "graded",
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
