"""Where the first failure of a grade is in the learner's file."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from grader.grades.grade import CheckResult, Outcome
from grader.submission.files import Submission
from grader.text import one_line

_FRAME: Final = re.compile(r"(?P<place>.+? line \d+|cell \d+, line \d+)(?P<rest>.*)", re.DOTALL)
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

    @property
    def short(self) -> str:
        """``line 4``, ``cell 2, line 4``, or the name of the file."""
        match = re.search(r"(?:cell \d+, )?line \d+", self.where)
        return match[0] if match else self.where


def place_of(check: CheckResult, submission: Submission, entries: Sequence[str]) -> Place:
    """The line to look at first: where the code raised, or else what the check called.

    ``entries`` are the functions and classes of the exercise. Only the name of the file is
    known for a notebook whose call returned a wrong value.
    """
    case = check.case
    if case is not None and case.traceback:
        return _of_frame(case.traceback[-1], case.column, check.message, submission)
    if not entries:
        return _of_question(check.name, submission)
    called = case.call.partition("(")[0].split(".")[-1] if case is not None else ""
    named = re.findall(r"`(\w+)", check.message)
    for name in (called, *named, *entries):
        if not name:
            continue
        if name not in entries:
            found = _of_misspelled(name, submission)
        else:
            found = _of_definition(name, submission, is_slow=check.outcome is Outcome.TIMEOUT)
        if found is not None:
            return found
    return Place(submission.name)


def _of_frame(frame: str, column: int, message: str, submission: Submission) -> Place:
    match = _FRAME.fullmatch(frame)
    if match is None:
        return Place(frame)
    function, _, text = match["rest"].partition(": ")
    where = f"{match['place']}{function}"
    if not text:
        return Place(where)
    if column:
        number = int(match["place"].split()[-1])
        # The text of a frame has no indentation, and the column counts it.
        indentation = _indentation(submission, number)
        start = max(0, min(column - 1 - indentation, len(text)))
        word = _WORD.match(text, start)
        return Place(where, text, start, len(word[0]) if word else 1)
    quoted = _QUOTED.search(message)
    if quoted is not None:
        named = re.search(rf"\b{quoted[1]}\b", text)
        if named is not None:
            return Place(where, text, named.start(), len(quoted[1]))
    return Place(where, text)


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
    lines = submission.source.decode("utf-8", "replace").split("\n")
    start = re.compile(rf"(?:async[ \t]+)?(?:def|class)[ \t]+{re.escape(name)}\b")
    numbers = [number for number, line in enumerate(lines) if start.match(line)]
    if not numbers:
        return None
    first = numbers[-1]
    body = _body(lines, first)
    kind = r"\s*while\b" if is_slow else r"\s*return\b"
    found = [number for number in body if re.match(kind, lines[number])]
    chosen = first
    if len(found) == 1 and (is_slow or lines[first].startswith("def")):
        chosen = found[0]
    where = submission.place(submission.name, chosen + 1)
    if chosen != first:
        where = f"{where}, in {name}"
    return Place(where, one_line(lines[chosen].strip()))


def _of_misspelled(name: str, submission: Submission) -> Place | None:
    """The line that defines ``name``, with the name to change."""
    lines = submission.source.decode("utf-8", "replace").split("\n")
    start = re.compile(rf"(?:async[ \t]+)?(?:def|class)[ \t]+({re.escape(name)})\b")
    for number, line in enumerate(lines, 1):
        if match := start.match(line):
            where = submission.place(submission.name, number)
            return Place(where, one_line(line.strip()), match.start(1), len(name))
    return None


def _body(lines: list[str], first: int) -> list[int]:
    """The places of the lines below ``first`` that belong to the same definition."""
    body: list[int] = []
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if line.strip() and not line.startswith((" ", "\t", "#", ")")):
            break
        body.append(number)
    return body


def _of_question(name: str, submission: Submission) -> Place:
    """The line of an answer sheet with the answer to a question."""
    lines = submission.source.decode("utf-8", "replace").split("\n")
    start = re.compile(rf"\s*{re.escape(name)}(?:[ \t]+\d+)?[ \t]*:")
    for number in reversed(range(len(lines))):
        if start.match(lines[number]):
            place = submission.place(submission.name, number + 1)
            return Place(place, one_line(lines[number].strip()))
    return Place(submission.name)
