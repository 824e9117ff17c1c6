"""Grades that need no examiner: a file that cannot run gets its zero before torch is loaded.

The grade is the one that an examiner gives: no points, and the reason at every check.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from grader.course.records import Entry, Exercise
from grader.examiner import syntax_help
from grader.examiner.failures import of_reply
from grader.examiner.protocol import Examine
from grader.grades.grade import Case, Frame, Grade, Outcome
from grader.sandbox import guesses, newer_python, wire
from grader.submission import source_check
from grader.submission.files import Submission
from grader.submission.source_check import Finding, SourceCheck
from grader.submission.work import defined_names
from grader.text import one_line

_CODING: Final = re.compile(rb"^[ \t\f]*#.*?coding[:=]")


@contextmanager
def early_check(examine: Examine) -> Iterator[Callable[[], Grade | None]]:
    """Look at a submission in a process of its own, while the examiner starts.

    The result waits for the grade of a submission that cannot run; None if an examiner has to
    grade it. The cells of a notebook run one at a time, so an error in one of them need not end
    the others.
    """
    exercise = examine.exercise
    submission = examine.submission
    is_file = submission.cells is None and not submission.starts
    if not exercise.spec.runs_code or not is_file or examine.device != "cpu":
        yield lambda: None
        return

    entries = [_wanted(entry) for entry in exercise.code.entries]
    with SourceCheck(submission.source, entries) as check:
        yield lambda: _zero(examine, _encoding(submission.source) or check.finding())


def early_grade(examine: Examine) -> Grade | None:
    """The grade of a submission that cannot run; None if an examiner has to grade it."""
    with early_check(examine) as early:
        return early()


def with_column(examine: Examine, grade: Grade) -> Grade:
    """``grade``, in which an error of syntax has its column; an examiner does not know it."""
    first = grade.checks[0]
    if first.outcome is Outcome.RAISED and first.message.startswith(syntax_help.KINDS):
        return early_grade(examine) or grade
    return grade


def starter_grade(examine: Examine) -> Grade:
    """The grade of an untouched starter, in which nothing is written yet."""
    return examine.zero_grade(Outcome.RAISED, "NotImplementedError")


def _zero(examine: Examine, finding: Finding | None) -> Grade | None:
    if finding is None:
        return None

    message = _message(examine.exercise, examine.submission, finding)
    frames = _frames(examine.submission, finding)
    case = Case()
    if frames:
        case = Case(traceback=[frame.whole for frame in frames], column=finding.column)
    return examine.zero_grade(Outcome.RAISED, message, case, frames)


def _wanted(entry: Entry) -> tuple[str, int]:
    # How a class is called depends on more than one function of it.
    if entry.signature.lstrip().startswith("class "):
        return entry.name, -1
    return entry.name, len(entry.parameters)


def _encoding(source: bytes) -> Finding | None:
    """The first byte that is no UTF-8, in a file that names no other encoding."""
    # Python looks for the name of an encoding in the first two lines.
    head = source.split(b"\n", 2)[:2]
    if any(_CODING.match(line) for line in head):
        return None

    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start]
        byte = source[error.start]
        line = before.count(b"\n") + 1
        message = f"the file is not UTF-8 (byte 0x{byte:02x})"
        return Finding(source_check.SYNTAX, "SyntaxError", message, line, 0)

    return None


def _message(exercise: Exercise, submission: Submission, finding: Finding) -> str:
    """What is wrong, in the words of an examiner."""
    entries = {entry.name: entry for entry in exercise.code.entries}
    if finding.kind == source_check.UNDEFINED:
        entry = entries[finding.detail]
        problem = f"{submission.name} does not define {guesses.asked_for(entry.signature)}."
        return problem + _guess(entry, submission, list(entries))
    if finding.kind == source_check.SIGNATURE:
        parameters = ", ".join(entries[finding.detail].parameters)
        return (
            f"`{finding.detail}` must accept ({parameters}); yours is "
            f"`{finding.detail}({one_line(finding.message)})`."
        )
    if finding.kind == source_check.INPUT:
        return (
            "EOFError: your file waits for input here, but nobody can type while it is "
            'graded. Remove the line, or move it under `if __name__ == "__main__":`.'
        )
    return _syntax_message(submission, finding)


def _syntax_message(submission: Submission, finding: Finding) -> str:
    """What is wrong with the syntax, as an examiner reports it."""
    message = one_line(finding.message)
    error = SyntaxError(message)
    text = submission.line(submission.name, finding.line)
    error.text = text
    note = newer_python.advice(error, message) or guesses.of_syntax(message, text)
    if note:
        message = f"{message}\n{note}"
    reply = wire.Raised(0, one_line(finding.detail), ["SyntaxError"], message, [])
    # The limit on memory has no part in this message.
    return str(of_reply(reply, memory_mib=0))


def _guess(entry: Entry, submission: Submission, names: list[str]) -> str:
    """What was meant by ``entry``, in the words of an examiner."""
    defined = defined_names(submission.source) - set(names)
    text = submission.source.decode("utf-8", "replace")
    return guesses.of_name(entry.name, entry.parameters, defined, text)


def _frames(submission: Submission, finding: Finding) -> list[Frame]:
    if not finding.line:
        return []
    found = submission.frame(submission.name, finding.line)
    text = submission.line(submission.name, finding.line)
    return [msgspec.structs.replace(found, text=one_line(text))]
