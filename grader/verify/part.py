"""What one step of a verification brings home, and the sentences that several steps share."""

from typing import NamedTuple

import msgspec

from grader.course import Exercise
from grader.errors import GraderError
from grader.proofs import Counts, Finding, Rule
from grader.results import Check, Grade


class Part(NamedTuple):
    """Findings and counts of one step."""

    findings: list[Finding]
    counts: Counts = Counts()


def missed(grade: Grade) -> list[Check]:
    """The checks that did not pass, of those that could run."""
    return [check for check in grade.checks if check.outcome.missed]


def from_error(rule: Rule, error: GraderError) -> Finding:
    """A sentence of ours, ``place: problem; advice``, as a finding."""
    place, _, rest = str(error).partition(": ")
    problem, separator, advice = rest.rpartition("; ")
    return Finding(rule, place, problem, advice) if separator else Finding(rule, place, rest, "Mend it.")


def ungraded(exercise: Exercise, check: Check, by: str) -> Finding:
    """A check that raised instead of judging what it was given by ``by``."""
    why = check.message.removeprefix("The grader failed here, not your code ").strip("().")
    return Finding(
        Rule.CHECKS,
        f"solutions/{exercise.id}/checks.py",
        f"`test_{check.name}` breaks on {by} instead of judging it: {why}",
        "What a submission returns may be anything: let an assert_… pass a value before you use it.",
    )


def without_times(grade: Grade) -> Grade:
    """``grade`` without what differs from run to run."""
    checks = [msgspec.structs.replace(check, seconds=0.0) for check in grade.checks]
    return msgspec.structs.replace(grade, seconds=0.0, checks=checks)
