"""Statement and hints: that they are there, name what they ask for, and that their links and code hold."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from grader.course.loading import read_definition
from grader.course.records import Check, CodeExercise, Exercise, Limits, entries
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.grades.grade import CheckResult
from grader.submission.files import Submission
from grader.verify.part import Part, missed
from grader.verify.records import Finding, Rule

_FENCE: Final = re.compile(r"^ *(```+|~~~+) *(\w*)[^\n]*\n(.*?)^ *\1 *$", re.MULTILINE | re.DOTALL)
_OPEN_FENCE: Final = re.compile(r"^ *(```|~~~)", re.MULTILINE)
_CODE: Final = re.compile(r"`[^`]*`|^ {4}.*$", re.MULTILINE)
_LINK: Final = re.compile(r"\[[^\]\n]*\]\(([^)\n]*)\)")


def check_statement(exercise: Exercise) -> Iterator[Finding]:
    """What can be told without running anything."""
    document = read_definition(exercise)
    spec = exercise.spec
    if not any(hint.strip() for hint in spec.hints):
        yield Finding(
            Rule.STATEMENT, document.where, "It has no `hints`.", "Add some, from gentle to plain."
        )
    for number, hint in enumerate(spec.hints, 1):
        if not hint.strip():
            place = document.place("hints", number - 1)
            yield Finding(
                Rule.STATEMENT, place, f"Hint {number} is empty.", "Write it, or remove it."
            )
    place = document.place("statement")
    if spec.entry:
        for entry in entries(spec):
            if not re.search(rf"\b{entry.name}\b", spec.statement):
                advice = f"Say in the statement that `{entry.signature}` is to be written."
                yield Finding(
                    Rule.STATEMENT, place, f"Its statement does not name `{entry.name}`.", advice
                )
    prose = _FENCE.sub("", spec.statement)
    if _OPEN_FENCE.search(prose):
        yield Finding(
            Rule.STATEMENT,
            place,
            "A code block of its statement is not closed.",
            "Close it with ```.",
        )
    for target in _LINK.findall(_CODE.sub("", prose)):
        if not _leads_somewhere(target, exercise.public):
            advice = "Write [text](https://host/page), or the name of a file in the exercise's own folder."
            yield Finding(
                Rule.STATEMENT,
                place,
                f"The link ({target}) of its statement leads nowhere.",
                advice,
            )


def _leads_somewhere(target: str, folder: Path) -> bool:
    """Whether a link is well-formed; no page is fetched."""
    if re.match(r"https?:", target):
        try:
            return "." in (urlsplit(target).hostname or "") and not re.search(r"\s", target)
        except ValueError:
            return False
    return bool(target) and ":" not in target and (folder / target.partition("#")[0]).is_file()


def code_blocks(statement: str) -> list[str]:
    """The blocks that are marked as Python."""
    return [code for _, language, code in _FENCE.findall(statement) if language in ("python", "py")]


def run_blocks(examiner: Examiner, exercise: Exercise) -> Part:
    """Run the statement's Python, in its order as one program, after the solution and in a learner process."""
    blocks = code_blocks(exercise.spec.statement)
    if not blocks:
        return Part([])
    program = "".join([*_names(exercise), *blocks, "\n\ndef ran():\n    return 1\n"])
    helpers = {}
    if exercise.spec.runs_code:
        helpers["solution.py"] = (exercise.hidden / "solution.py").read_bytes()
    check = run_program(examiner, Submission("statement.py", program.encode(), helpers))
    if check is None:
        return Part([])
    where = f" ({'; '.join(check.case.traceback)})" if check.case and check.case.traceback else ""
    place = read_definition(exercise).place("statement")
    problem = f"The Python in its statement does not run: {check.message}{where}"
    advice = "Mend it, or don't mark it as python; its blocks run as one program, with the entries at hand."
    return Part([Finding(Rule.STATEMENT, place, problem, advice)])


def run_program(examiner: Examiner, program: Submission) -> CheckResult | None:
    """Run Python of an exercise's public side in a learner process, whose ``ran()`` has to give 1; how it did not."""
    grade = examiner.grade(Examine(_program_exercise(), program, "verify", 1))
    return next(iter(missed(grade)), None)


def _names(exercise: Exercise) -> list[str]:
    if not exercise.spec.runs_code:
        return []
    return [f"from solution import {', '.join(entry.name for entry in entries(exercise.spec))}\n"]


def _program_exercise() -> Exercise:
    """An exercise of our own whose one check is that the submission could be loaded."""
    spec = CodeExercise(
        format=1,
        title="The code of a statement",
        statement="Run.",
        entry=("ran() -> int",),
        rubric=(Check("runs", "It runs"),),
        limits=Limits(seconds=20),
    )
    return Exercise("statement", str(Path(__file__).parent), spec)
