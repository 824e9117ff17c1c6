"""The first failure of a grade: where it is in the learner's file, and what to say about it."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from grader.course.records import Entry
from grader.grades.grade import CheckResult, Frame, Grade, Outcome
from grader.submission.files import Submission
from grader.submission.name_advice import (
    PARAMETER_ORDER,
    missing_import,
    name_advice,
    parameter_order,
)
from grader.text import one_line

_QUOTED: Final = re.compile(r"(?:name|attribute|argument|variable|import name) '(\w{1,80})'")
_WORD: Final = re.compile(r"[^\W\d]\w{1,80}")


class Place(msgspec.Struct, frozen=True):
    """A line of the submission."""

    where: str
    """``exercise1.py line 4, in lookup``."""
    text: str = ""
    """The line without its indentation."""
    column: int = -1
    """Where in ``text`` to point at, from 0; -1 to point at nothing."""
    width: int = 1
    """How many characters to point at."""
    line: str = ""
    """``line 4``, or ``cell 2, line 4``; empty if only the file is known.

    For a wrong result it is the function or class, because any line of it can be the reason.
    """

    @property
    def short(self) -> str:
        """The line, or else the name of the file."""
        return self.line or self.where


class Problem(msgspec.Struct, frozen=True):
    """What to fix first."""

    place: Place
    message: str
    """What happened."""
    cause: str = ""
    """Why it happened, if the source shows it."""
    advice: str = ""
    """What to write for a name that is not defined."""
    is_import: bool = False
    """Whether an import is missing, which belongs to another line than the one that failed."""


def problem_of(
    grade: Grade, check: CheckResult, submission: Submission, entries: Sequence[Entry]
) -> Problem:
    """What to fix first: what ``check``, the first failure of a grade, says and where."""
    order = parameter_order(entries, submission)
    # The examiner says whether this explains the failure.
    if order is not None and grade.misconception == PARAMETER_ORDER:
        text = _lines(submission)[order.line - 1]
        first = order.parameters.split("\n")[0]
        column = text.index("(") + 1
        place = _of_line(submission, order.line, text)
        place = msgspec.structs.replace(place, column=column, width=len(first))
        return Problem(place, check.message, order.sentence)

    names = [entry.name for entry in entries]
    place = place_of(check, submission, names)
    message = check.message
    # The page has this place already.
    if check.parts is not None and check.parts.place == place.where:
        message = check.parts.without_place

    return Problem(
        place,
        message,
        advice=name_advice(check.message, submission),
        is_import=bool(missing_import(check.message)),
    )


def place_of(check: CheckResult, submission: Submission, entries: Sequence[str]) -> Place:
    """The line to look at first: where the code raised, or else what the check called.

    ``entries`` are the functions and classes of the exercise. Only the name of the file is
    known for a notebook whose call returned a wrong value.
    """
    case = check.case
    if check.frames:
        column = 0
        if case is not None:
            column = case.column
        return _of_frame(check.frames[-1], column, check.message, submission)

    if not entries:
        return _of_question(check.name, submission)

    named = re.findall(r"`(\w+)", check.message)
    if case is not None:
        # What the check called comes first.
        called = re.findall(r"(\w+)\(", case.call)
        named = called[:1] + named

    is_slow = check.outcome is Outcome.TIMEOUT
    # If an entry is missing, the others are not to blame.
    if not set(named) & set(entries):
        named += entries
    for name in named:
        if name in entries:
            found = _of_definition(name, submission, is_slow=is_slow)
        else:
            found = _of_misspelled(name, submission)

        if found is not None:
            return found

    for name in named:
        found = _of_inner(name, submission) if name in entries else None
        if found is not None:
            return found

    return Place(submission.name)


def _of_frame(frame: Frame, column: int, message: str, submission: Submission) -> Place:
    text = frame.text
    place = Place(frame.where, text, line=frame.short)
    if not text:
        return place
    if column:
        # The text of a frame has no indentation, and the column counts it.
        start = column - 1 - _indentation(submission, frame.line)
        start = max(0, min(start, len(text)))
        word = _WORD.match(text, start)
        width = 1
        if word is not None:
            width = len(word[0])

        return msgspec.structs.replace(place, column=start, width=width)

    quoted = _QUOTED.search(message)
    if quoted is None:
        return place

    name = quoted[1]
    found = re.search(rf"\b{name}\b", text)
    if found is None:
        return place

    return msgspec.structs.replace(place, column=found.start(), width=len(name))


def _indentation(submission: Submission, number: int) -> int:
    lines = submission.source.splitlines()
    if not 0 < number <= len(lines):
        return 0

    line = lines[number - 1].decode("utf-8", "replace")
    return len(line) - len(line.lstrip())


def _of_definition(name: str, submission: Submission, *, is_slow: bool) -> Place | None:
    """The line of a function to look at, or the one that defines it or its class.

    That is its loop if it ``is_slow``, or else its only ``return``.
    """
    lines = _lines(submission)
    definition = _definition(name)
    numbers = [number for number, line in enumerate(lines) if definition.match(line)]
    if not numbers:
        return None

    first = numbers[-1]
    is_function = lines[first].startswith("def")
    word = "while" if is_slow else "return"
    statement = re.compile(rf"\s*{word}\b")
    found = [number for number in _body(lines, first) if statement.match(lines[number])]
    if len(found) == 1 and (is_slow or is_function):
        (only,) = found
        place = _of_line(submission, only + 1, lines[only])
        place = msgspec.structs.replace(place, where=f"{place.where}, in {name}")
        if is_slow:
            return place
    else:
        place = _of_line(submission, first + 1, lines[first])

    return msgspec.structs.replace(place, line=f"`{name}`")


def _of_misspelled(name: str, submission: Submission) -> Place | None:
    """The line that defines ``name``, with the name to change."""
    definition = _definition(name)
    for number, line in enumerate(_lines(submission), 1):
        match = definition.match(line)
        if match is not None:
            place = _of_line(submission, number, line)
            return msgspec.structs.replace(place, column=match.start(1), width=len(name))

    return None


def _of_inner(name: str, submission: Submission) -> Place | None:
    """The line that defines ``name`` inside a class or a function."""
    definition = _definition(name)
    for number, line in enumerate(_lines(submission), 1):
        if definition.match(line.lstrip()):
            return _of_line(submission, number, line)

    return None


def _definition(name: str) -> "re.Pattern[str]":
    """The beginning of the line that defines a function or a class."""
    return re.compile(rf"(?:async[ \t]+)?(?:def|class)[ \t]+({re.escape(name)})\b")


def _lines(submission: Submission) -> list[str]:
    return submission.source.decode("utf-8", "replace").split("\n")


def _body(lines: list[str], first: int) -> list[int]:
    """The places of the lines below ``first`` that belong to the same definition."""
    body: list[int] = []
    for number, line in enumerate(lines[first + 1 :], first + 1):
        if line.strip() and not line.startswith((" ", "\t", "#", ")")):
            break
        body.append(number)

    return body


def _of_question(name: str, submission: Submission) -> Place:
    """The line of an answer sheet with the answer to a question."""
    place = Place(submission.name)
    start = re.compile(rf"\s*{re.escape(name)}(?:[ \t]+\d+)?[ \t]*:")
    for number, line in enumerate(_lines(submission), 1):
        # The last attempt counts.
        if start.match(line):
            place = _of_line(submission, number, line)

    return place


def _of_line(submission: Submission, number: int, line: str) -> Place:
    frame = submission.frame(submission.name, number)
    return Place(frame.place, one_line(line.strip()), line=frame.short)
