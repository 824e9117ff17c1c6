"""Tells a check that is broken from one that a submission breaks.

A check that raises an error is a mistake in the course, and nobody loses points for it. But some
values of a submission break a check that is right: a tensor of a dtype that cannot be added, or a
tuple that is too short. Then the check failed; otherwise a submission could choose to be ungraded.
"""

from collections.abc import Callable
from typing import Any

import torch

from grader.errors import GraderError
from grader.examiner.compare import RESULT, Mismatch, difference
from grader.examiner.failures import LearnerFailure
from grader.examiner.verdict import Verdict, Verdicts
from grader.grades.grade import Outcome
from grader.sandbox import wire


def judge(verdicts: Verdicts, run_solution: Callable[[str, int], Verdict]) -> None:
    """Fail the checks that raised an error only because of what the submission returned.

    ``run_solution`` runs one case of a check with the solution and the same seed. If the check
    passes then, and the submission returned a value of another type, dtype or shape than the
    solution, that is the failure.
    """
    for name, verdict in verdicts.items():
        is_broken = verdict.outcome is Outcome.UNGRADED
        # These are about processes, and not about values.
        if not is_broken or isinstance(verdict.error, LearnerFailure | GraderError):
            continue

        right = run_solution(name, verdict.case)
        if right.outcome is Outcome.PASSED:
            _blame_first_difference(verdict, right)


def _blame_first_difference(verdict: Verdict, right: Verdict) -> None:
    """Fail ``verdict`` if a value of it has another form than that of the solution."""
    pairs = zip(verdict.exchanges, right.exchanges, strict=False)
    for number, (mine, theirs) in enumerate(pairs, 1):
        replies = (mine.reply, theirs.reply)
        if not all(isinstance(reply, wire.Returned) for reply in replies):
            continue

        found = difference(_blank(mine.value), _blank(theirs.value), exact=True, equal_nan=True)
        if found:
            # The page shows the last call.
            verdict.exchanges = verdict.exchanges[:number]
            verdict.fail(Mismatch(found, RESULT, mine.value, None))
            return


def _blank(value: Any) -> Any:
    """A value of the same form in which all numbers are zero."""
    match value:
        case torch.Tensor():
            return torch.zeros(value.shape, dtype=value.dtype)
        case bool() | int() | float() | str():
            return type(value)()
        case tuple() | list():
            return type(value)(_blank(item) for item in value)
        case dict():
            return {key: _blank(item) for key, item in value.items()}
    return value
