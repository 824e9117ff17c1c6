"""What verifying a course found, as plain frozen records."""

import operator
from enum import Enum
from typing import Final, Literal, NamedTuple

import msgspec

FORMAT: Final = 1
"""Version of the JSON of a verification; see ``docs/verification.md``."""

Status = Literal["proven", "unproven", "broken", "ungraded"]
EXIT_CODES: Final[dict[Status, int]] = {"proven": 0, "unproven": 1, "broken": 2, "ungraded": 3}
"""Status to exit code of ``grade verify``; the higher one is the worse."""


class Rule(str, Enum):
    """The rules that a proven exercise follows; ``docs/verification.md`` defines each one."""

    SCHEMA = "schema"
    FILES = "files"
    SECRECY = "secrecy"
    STATEMENT = "statement"
    STARTER = "starter"
    SOLUTION = "solution"
    WRONG = "wrong"
    CHECKS = "checks"
    MUTANTS = "mutants"
    GUESSING = "guessing"
    NOTHING = "nothing"
    OUTSIDERS = "outsiders"
    UNFINISHED = "unfinished"
    GRADER = "grader"


class Finding(msgspec.Struct, frozen=True):
    """One broken rule: the place, the problem, and the next step."""

    rule: Rule
    place: str
    """A file or folder, relative to the course, with its line if there is one."""
    problem: str
    advice: str
    difference: list[str] = []
    """For a mutant: the lines that differ from the solution, ``- before`` and ``+ after``."""
    snippet: list[str] = []
    """For a mutant: the lines that list it in ``equivalent.yaml``."""


class Counts(msgspec.Struct, frozen=True):
    """How much was tried, and how much of it gave the right result."""

    seeds: int = 0
    seeds_passed: int = 0
    wrong: int = 0
    """Misconceptions."""
    wrong_caught: int = 0
    mutants: int = 0
    mutants_caught: int = 0
    mutants_equivalent: int = 0
    outsiders: int = 0
    """Submissions in ``outsiders/``."""
    outsiders_judged: int = 0
    """Those of them that get the right verdict."""
    nothing_points: int = 0
    """The most points that code that computes nothing gets."""
    draws: int = 0
    draws_possible: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        mine = msgspec.structs.astuple(self)
        others = msgspec.structs.astuple(other)
        return Counts(*map(operator.add, mine, others))


class Part(NamedTuple):
    """Findings and counts of one step of a verification."""

    findings: list[Finding]
    counts: Counts = Counts()


class Proof(msgspec.Struct, frozen=True):
    """What verifying one exercise found."""

    exercise: str
    status: Status
    seconds: float
    """Time that all examiners together spent on it."""
    counts: Counts
    findings: list[Finding]
    earlier: bool = False
    """Whether an earlier run proved it, and nothing has changed since."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What verifying a course, or some of its exercises, found."""

    format: int = FORMAT
    status: Status
    seconds: float
    counts: Counts
    findings: list[Finding]
    """Findings that belong to no exercise."""
    exercises: list[Proof]

    @property
    def exit_code(self) -> int:
        """0 all proven, 1 some unproven, 2 an exercise cannot be read, 3 the grader failed."""
        return EXIT_CODES[self.status]


def prove(
    exercise: str, read: list[Finding], found: list[Finding], counts: Counts, seconds: float
) -> Proof:
    """The proof of one exercise, from what was ``read`` and what the steps ``found``.

    It leaves out findings of steps that repeat another one.
    """
    distinct: dict[object, Finding] = {}
    for finding in found:
        # Several steps report a file that cannot be read, and one broken line of checks.py breaks
        # on many submissions. Each time only the problem is worded differently.
        is_line_of_checks = finding.rule is Rule.CHECKS and " line " in finding.place
        key: object = msgspec.json.encode(finding)
        if finding.rule is Rule.SCHEMA or is_line_of_checks:
            key = (finding.rule, finding.place)

        distinct.setdefault(key, finding)

    kept = [*read, *distinct.values()]
    return Proof(
        exercise=exercise,
        status=_status(kept),
        seconds=round(seconds, 3),
        counts=counts,
        findings=kept,
    )


def conclude(findings: list[Finding], proofs: list[Proof], seconds: float) -> Verification:
    """Add up the proofs of a course; ``findings`` belong to no exercise."""
    # The worst status of any part is that of the course.
    statuses = [_status(findings)]
    counts = Counts()
    for proof in proofs:
        statuses.append(proof.status)
        counts += proof.counts

    return Verification(
        status=max(statuses, key=EXIT_CODES.__getitem__),
        seconds=round(seconds, 3),
        counts=counts,
        findings=findings,
        exercises=proofs,
    )


def _status(findings: list[Finding]) -> Status:
    """The status of an exercise with these findings: the worst one decides."""
    rules = {finding.rule for finding in findings}
    if Rule.GRADER in rules:
        return "ungraded"
    if Rule.SCHEMA in rules:
        return "broken"
    if rules:
        return "unproven"

    return "proven"
