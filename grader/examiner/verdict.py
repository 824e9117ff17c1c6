"""How one check ended for one submission, before it becomes part of a grade."""

import msgspec
import pytest

from grader.examiner.failures import LearnerFailure
from grader.examiner.submission_run import Exchange
from grader.grades.grade import Outcome


class Verdict(msgspec.Struct):
    """The outcome of one check, with the calls of its last case."""

    outcome: Outcome = Outcome.PASSED
    error: BaseException | None = None
    """What the check raised, or None if it passed."""
    exchanges: list[Exchange] = []
    seconds: float = 0.0
    is_smaller: bool = False
    """Whether the last call is not one of the check, but the same with smaller arguments."""
    case: int = 0
    """The number of its last case. A parametrized check has several."""

    def fail(self, error: BaseException) -> None:
        """Record what the check raised."""
        self.error = error
        if isinstance(error, LearnerFailure):
            self.outcome = error.outcome
        elif isinstance(error, AssertionError | pytest.fail.Exception):
            self.outcome = Outcome.FAILED
        elif isinstance(error, pytest.skip.Exception):
            self.outcome = Outcome.SKIPPED
        else:
            # The check itself is broken, or the grader is.
            self.outcome = Outcome.UNGRADED


Verdicts = dict[str, Verdict]
"""Check name to verdict, in the order in which the checks ran."""
