"""Proofs: what verifying a course found, as plain frozen records."""

from enum import Enum
from typing import Final, Literal

import msgspec

FORMAT: Final = 1
"""Version of the JSON of a verification; see ``docs/verification.md``."""

Status = Literal["proven", "unproven", "broken", "ungraded"]


class Rule(str, Enum):
    """What has to hold for an exercise to be proven."""

    SCHEMA = "schema"
    FILES = "files"
    SECRECY = "secrecy"
    STATEMENT = "statement"
    STARTER = "starter"
    SOLUTION = "solution"
    WRONG = "wrong"
    CHECKS = "checks"
    MUTANTS = "mutants"
    UNFINISHED = "unfinished"
    GRADER = "grader"


class Finding(msgspec.Struct, frozen=True):
    """One thing that is not proven: where it is, what it is, and what to do next."""

    rule: Rule
    place: str
    """A file or folder, relative to the course, with its line where there is one."""
    problem: str
    advice: str
    difference: list[str] = []
    """For a mutant: the lines that differ from the solution, ``- before`` and ``+ after``."""


class Counts(msgspec.Struct, frozen=True):
    """How much was tried, and how much of it went as it has to."""

    seeds: int = 0
    seeds_passed: int = 0
    wrong: int = 0
    wrong_caught: int = 0
    mutants: int = 0
    mutants_caught: int = 0
    mutants_equivalent: int = 0
    draws: int = 0
    draws_possible: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            *(getattr(self, name) + getattr(other, name) for name in Counts.__struct_fields__)
        )


class Proof(msgspec.Struct, frozen=True):
    """What was found on one exercise."""

    exercise: str
    status: Status
    seconds: float
    """Time that examiners spent on it, all of them together."""
    counts: Counts
    findings: list[Finding]


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What was found on a course, or on some of its exercises."""

    format: int = FORMAT
    status: Status
    seconds: float
    counts: Counts
    findings: list[Finding]
    """What belongs to no exercise."""
    exercises: list[Proof]

    @property
    def exit_code(self) -> int:
        """0 all is proven, 1 something is not, 2 an exercise cannot be read, 3 the grader could not grade."""
        return EXIT_CODES[self.status]


EXIT_CODES: Final[dict[Status, int]] = {"proven": 0, "unproven": 1, "broken": 2, "ungraded": 3}


def prove(exercise: str, findings: list[Finding], counts: Counts, seconds: float) -> Proof:
    """The proof of one exercise; what came up more than once is kept once."""
    kept: dict[object, Finding] = {}
    for finding in findings:
        # What cannot be read is told by whoever needs it, with what they needed it for; and a line of
        # checks.py that breaks, breaks for one submission after the other.
        alike = finding.rule is Rule.SCHEMA or (
            finding.rule is Rule.CHECKS and " line " in finding.place
        )
        key = (finding.rule, finding.place) if alike else msgspec.json.encode(finding)
        kept.setdefault(key, finding)
    found = list(kept.values())
    return Proof(exercise, status_of(found), round(seconds, 3), counts, found)


def conclude(findings: list[Finding], proofs: list[Proof], seconds: float) -> Verification:
    """Add up the proofs of a course."""
    statuses = [status_of(findings), *(proof.status for proof in proofs)]
    return Verification(
        status=max(statuses, key=lambda status: EXIT_CODES[status]),
        seconds=round(seconds, 3),
        counts=sum((proof.counts for proof in proofs), Counts()),
        findings=findings,
        exercises=proofs,
    )


def status_of(findings: list[Finding]) -> Status:
    """What these findings make of an exercise: the worst of them counts."""
    rules = {finding.rule for finding in findings}
    if Rule.GRADER in rules:
        return "ungraded"
    if Rule.SCHEMA in rules:
        return "broken"
    return "unproven" if rules else "proven"
