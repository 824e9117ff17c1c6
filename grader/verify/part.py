"""What one step of a verification brings home, and the sentences that several steps share."""

import os
import re
import shlex
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from grader.course.loading import default_root
from grader.course.records import Exercise
from grader.errors import GraderError
from grader.grades.grade import CheckResult, Grade
from grader.verify.records import Counts, Finding, Rule

_BROKE: Final = re.compile(r"\((.*?)(?:, checks\.py line (\d+))?\)\.$", re.DOTALL)


class Part(NamedTuple):
    """Findings and counts of one step."""

    findings: list[Finding]
    counts: Counts = Counts()


def missed(grade: Grade) -> list[CheckResult]:
    """The checks that did not pass, of those that could run."""
    return [check for check in grade.checks if check.outcome.missed]


def from_error(rule: Rule, error: GraderError) -> Finding:
    """A sentence of ours, ``place: line 3: problem; advice``, as a finding."""
    place, _, rest = str(error).partition(": ")
    if line := re.match(r"(line \d+): ", rest):
        place, rest = f"{place} {line[1]}", rest[line.end() :]
    problem, separator, advice = rest.rpartition("; ")
    return (
        Finding(rule, place, problem, advice)
        if separator
        else Finding(rule, place, rest, "Mend it.")
    )


def ungraded(exercise: Exercise, check: CheckResult, by: str) -> Finding:
    """A check that raised instead of judging what it was given by ``by``."""
    said = _BROKE.search(check.message)
    why, line = (said[1], said[2]) if said else (check.message, None)
    return Finding(
        Rule.CHECKS,
        f"solutions/{exercise.id}/checks.py{f' line {line}' if line else ''}",
        f"`test_{check.name}` breaks on {by} instead of judging it: {why}",
        "What a submission returns may be anything: let an assert_… pass a value before you use it.",
    )


def command(exercise: Exercise, place: str, seed: int) -> str:
    """What an author types, in the folder that they are in, to see a file of the course graded with ``seed``."""
    words = ["grade", exercise.id, _typed(Path(exercise.root, place))]
    if Path(exercise.root) != default_root():
        words += ["--course", _typed(Path(exercise.root))]
    return shlex.join([*words, "--seed", str(seed)])


def _typed(path: Path) -> str:
    """A path as it would be typed here: from this folder on, unless it lies outside of it."""
    here = os.path.relpath(path)
    return str(path) if here.startswith("..") else here


def without_times(grade: Grade) -> Grade:
    """``grade`` without what differs from run to run."""
    checks = [msgspec.structs.replace(check, seconds=0.0) for check in grade.checks]
    return msgspec.structs.replace(grade, seconds=0.0, checks=checks)
