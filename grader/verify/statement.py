"""Statement and hints: they exist, name every entry, and their links and code work."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final, get_args
from urllib.parse import urlsplit

from grader.course.loading import read_definition
from grader.course.records import Check, CodeExercise, Exercise, Limits, SideEffect
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.grades.grade import CheckResult
from grader.submission.files import Submission
from grader.verify.findings import LEARNER, missed
from grader.verify.records import Finding, Part, Rule

_FENCE: Final = re.compile(r"^ *(```+|~~~+) *(\w*)[^\n]*\n(.*?)^ *\1 *$", re.MULTILINE | re.DOTALL)
_OPEN_FENCE: Final = re.compile(r"^ *(```|~~~)", re.MULTILINE)
_CODE: Final = re.compile(r"`[^`]*`|^ {4}.*$", re.MULTILINE)
_LINK: Final = re.compile(r"\[[^\]\n]*\]\(([^)\n]*)\)")


def check_statement(exercise: Exercise) -> Iterator[Finding]:
    """Check hints, names, code fences and links without running any code."""
    yield from _check_hints(exercise)
    statement = exercise.spec.statement
    report = partial(Finding, Rule.STATEMENT, read_definition(exercise).place("statement"))

    for entry in exercise.spec.entries:
        if not re.search(rf"\b{entry.name}\b", statement):
            yield report(
                f"The statement does not name `{entry.name}`.",
                f"Ask for `{entry.signature}` in the statement.",
            )

    # What is left of a fence after all complete blocks are removed is not closed.
    prose = _FENCE.sub("", statement)
    if _OPEN_FENCE.search(prose):
        yield report("A code block of the statement is not closed.", "Close it with ```.")

    # Code can look like a link: `w[i](x)`.
    for target in _LINK.findall(_CODE.sub("", prose)):
        if not _is_valid_link(target, exercise.public):
            yield report(
                f"The link ({target}) in the statement leads nowhere.",
                "Write [text](https://host/page), or name a file in the exercise's folder.",
            )


def _check_hints(exercise: Exercise) -> Iterator[Finding]:
    document = read_definition(exercise)
    hints = exercise.spec.hints
    if not any(hint.strip() for hint in hints):
        advice = "Add some, from a nudge to nearly the answer."
        yield Finding(Rule.STATEMENT, document.where, "It has no `hints`.", advice)

    for position, hint in enumerate(hints):
        if not hint.strip():
            place = document.place("hints", position)
            yield Finding(
                Rule.STATEMENT,
                place,
                f"Hint {position + 1} is empty.",
                "Write it, or remove it.",
            )


def _is_valid_link(target: str, folder: Path) -> bool:
    """Whether a link is well-formed. Pages are not fetched, so that a proof needs no network."""
    if not re.match(r"https?:", target):
        name = target.partition("#")[0]
        # Any other scheme, and a drive letter, has a colon.
        return bool(target) and ":" not in target and (folder / name).is_file()

    try:
        host = urlsplit(target).hostname or ""
    except ValueError:
        return False

    return "." in host and not re.search(r"\s", target)


def run_blocks(examiner: Examiner, exercise: Exercise) -> Part:
    """Run the statement's Python blocks as one program that has imported the solution."""
    program = [
        code
        for _, language, code in _FENCE.findall(exercise.spec.statement)
        if language in ("python", "py")
    ]
    if not program:
        return Part([])

    # A quiz has no solution, and its blocks use only torch.
    helpers = {}
    if exercise.spec.runs_code:
        names = ", ".join(entry.name for entry in exercise.spec.entries)
        program.insert(0, f"from solution import {names}\n")
        helpers["solution.py"] = (exercise.hidden / "solution.py").read_bytes()

    program.append("\n\ndef ran():\n    return 1\n")
    submission = Submission("statement.py", "".join(program).encode(), helpers)
    check = run_program(examiner, submission)
    if check is None:
        return Part([])

    problem = f"The Python in the statement does not run: {check.message}"
    if check.case is not None and check.case.traceback:
        problem = f"{problem} ({'; '.join(check.case.traceback)})"

    place = read_definition(exercise).place("statement")
    advice = (
        "Fix it, or do not mark it as python. "
        "All blocks run as one program, in which the entries are defined."
    )
    return Part([Finding(Rule.STATEMENT, place, problem, advice)])


def run_program(examiner: Examiner, program: Submission) -> CheckResult | None:
    """Run public Python of an exercise in a learner process.

    The program defines ``ran()``, which returns 1. Returns the failed check; None if it ran.
    """
    spec = CodeExercise(
        format=1,
        title="The code of a statement",
        statement="Run.",
        entry=("ran() -> int",),
        rubric=(Check("runs", "It runs"),),
        # Examples may do what a submission may not, such as create a layer with random numbers.
        allow=get_args(SideEffect),
        limits=Limits(seconds=20, load_seconds=20),
    )

    # Its one check is in solutions/statement beside this file.
    exercise = Exercise("statement", str(Path(__file__).parent), spec)
    grade = examiner.grade(Examine(exercise, program, LEARNER, seed=1, own=True))
    return next(iter(missed(grade)), None)
