"""Read an answer sheet so that a broken line costs the answer on it and nothing else.

A sheet is YAML, but learners are not expected to know YAML. If it cannot be parsed as a whole,
each line ``name: answer`` is read on its own, and every line without a meaning is reported.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from grader.course import yaml_reader
from grader.course.draws import MAX_ATTEMPT
from grader.course.records import Exercise
from grader.course.yaml_reader import Document
from grader.errors import CourseError, SubmissionError
from grader.submission.files import Submission, read_answers
from grader.text import closest, one_line

LEARNER: Final = "learner"
"""The key of a sheet that names the learner for whom it was written."""
_KEY: Final = r"[\"'`]?(?P<key>[A-Za-z_][\w -]{0,80}?)[\"'`]?"
_NUMBER: Final = r"[0-9]{1,2}[.)]\s*"
"""What learners write before the name of a question: ``1. weight: (5, 4)``."""
_LINE: Final = re.compile(rf"\s*(?:[-*]\s+|{_NUMBER})?{_KEY}\s*[:：=](?P<value>.*)")
_ATTEMPT: Final = re.compile(r"(?P<name>.+?)[ _]+(?P<attempt>[0-9]{1,4})")
_MARK: Final = re.compile(r"[:=][ \t]*[&!]")
"""An anchor or a tag: YAML drops the text of such an answer."""
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_NO_CONTENT: Final = ("---", "...", "{", "}")
_MOST_NOTES: Final = 5
_MOST_SUGGESTIONS: Final = 50


class Answer(msgspec.Struct, frozen=True):
    """The answer to one question in its latest attempt."""

    value: Any
    """Text, or a list of texts."""
    attempt: int = 1
    line: int = 0
    """0 if the whole sheet is YAML; ``line_of`` finds the line then."""
    problem: str = ""
    """Why the line cannot be used, and what to write instead; empty if it can."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written there; an empty list is the shape of a scalar."""
        return not self.problem and self.value in (None, "")


class Sheet(msgspec.Struct, frozen=True):
    """What an answer sheet says."""

    learner: str
    """The name on the sheet; empty if it names nobody."""
    answers: dict[str, Answer]
    """Question to the answer of its latest attempt. It can be empty."""
    notes: list[str]
    """Sentences about lines that belong to no question."""
    starts: dict[tuple[str, int], int] = {}
    """Question and attempt to the line of its answer, for a sheet that is read line by line."""


class _Line(msgspec.Struct, frozen=True):
    """One key of a sheet with its value."""

    key: str
    value: Any
    number: int
    is_stray: bool = False
    """Whether this is a line without a meaning: its text is the value, and the key is empty."""


class _Block(msgspec.Struct, frozen=True):
    """One key of a sheet that is read line by line, with the texts of its lines."""

    key: str
    number: int
    texts: list[str]


def read_sheet(exercise: Exercise, submission: Submission) -> Sheet:
    """Read the answers to a quiz.

    Raises ``SubmissionError`` if the source is no answer sheet at all.
    """
    names = [question.name for question in exercise.spec.questions]
    lines = _lines(submission, names)
    reader = _Reader(exercise, submission, names)
    for line in lines:
        reader.add(line)

    sheet = reader.sheet()
    others = [line for line in lines if line.key != LEARNER and not line.is_stray]
    # The sheet of another quiz, for instance, must not count as an attempt at this one.
    if others and not sheet.starts:
        raise _no_question(exercise, submission, others[0], names)

    return sheet


def _lines(submission: Submission, names: Sequence[str]) -> list[_Line]:
    """The lines of a sheet: those of YAML, or each on its own if YAML would lose an answer."""
    text = submission.source.decode("utf-8", "replace")
    try:
        written = read_answers(submission)
    except SubmissionError:
        lines = _single_lines(text, names)
        # A text without any question is no sheet, so the error of YAML says more.
        if not any(_is_known(line.key, names) for line in lines):
            raise

        return lines

    if _is_nested(text, names) or _MARK.search(text):
        return _single_lines(text, names)

    return _yaml_lines(submission, written, names)


def _no_question(
    exercise: Exercise, submission: Submission, line: _Line, names: Sequence[str]
) -> SubmissionError:
    similar = _similar(line.key, names)
    if similar:
        advice = f"did you mean `{similar}`?"
    else:
        listed = ", ".join(names)
        advice = f"choose from {listed}"

    problem = f"{exercise.id} has no question `{one_line(line.key, 80)}`"
    return SubmissionError(problem, place=submission.name, line=line.number, advice=advice)


def line_of(submission: Submission, key: str, answer: Answer) -> int:
    """The line of ``answer``, which has the key ``key`` on the sheet."""
    if answer.line:
        return answer.line

    # A sheet in YAML has its lines found only for a message.
    return Document(submission.name, submission.source, None).line(key)


def key_of_attempt(name: str, attempt: int) -> str:
    """The key of an answer: the question's name, with the attempt from the second one on."""
    if attempt == 1:
        return name

    return f"{name} {attempt}"


def _yaml_lines(
    submission: Submission, written: dict[str, Any], names: Sequence[str]
) -> list[_Line]:
    places: dict[str | int, int] = {}
    unknown = written.keys() - {LEARNER, *names}
    # Finding the lines parses the sheet again, so this is only for keys that are reported.
    if unknown:
        document = Document(submission.name, submission.source, written)
        places = document.key_lines()

    return [_Line(key, value, places.get(key, 0)) for key, value in written.items()]


def _is_nested(text: str, names: Sequence[str]) -> bool:
    """Whether a question's line is indented, which YAML takes for a part of the line above."""
    # In JSON, every line is indented.
    if text.lstrip().startswith("{"):
        return False

    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        is_indented = line.startswith((" ", "\t"))
        if match is not None and is_indented and _question(match["key"], names):
            return True

    return False


def _single_lines(text: str, names: Sequence[str]) -> list[_Line]:
    """Each ``name: answer`` with the lines that continue it, and the lines without a meaning."""
    blocks: list[_Block] = []
    strays: list[_Line] = []
    suggestions = 0
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        # A language model writes the sheet between two lines of Markdown.
        if not bare or bare.startswith(("#", "```")) or bare in _NO_CONTENT:
            continue

        key = value = ""
        match = _LINE.fullmatch(line)
        if match is not None:
            key, value = match["key"], match["value"]

        is_key = _is_known(key, names)
        # Comparing names is slow, and a file can have very many lines.
        if key and not is_key and suggestions < _MOST_SUGGESTIONS:
            suggestions += 1
            is_key = _similar(key, names) != ""

        continues = line.startswith((" ", "\t")) or bare.startswith("- ")
        if is_key:
            blocks.append(_Block(key, number, [value]))
        elif blocks and continues:
            blocks[-1].texts.append(line)
        else:
            strays.append(_Line("", bare, number, is_stray=True))

    lines = [_Line(block.key, _value(block.texts), block.number) for block in blocks]
    return strays + lines


def _is_known(key: str, names: Sequence[str]) -> bool:
    return key == LEARNER or _question(key, names) is not None


def _value(block: list[str]) -> Any:
    """The value of one key: as YAML if that can be parsed, or else its text."""
    first, *others = block
    text = _COMMENT.sub("", first).strip()
    source = "\n".join([f"value: {first.strip()}", *others])
    try:
        loaded = yaml_reader.load(source.encode(), "", typed=False)
    except (CourseError, UnicodeEncodeError):
        return text

    value = loaded["value"]
    # `&8` is an anchor without a value.
    if value in (None, "") and not text.startswith(("'", '"')):
        return text

    return value


class _Reader:
    """Sorts the lines of a sheet into answers and notes."""

    def __init__(self, exercise: Exercise, submission: Submission, names: Sequence[str]) -> None:
        self._exercise = exercise
        self._submission = submission
        self._names = names
        self._learner = ""
        self._answers: dict[str, Answer] = {}
        self._starts: dict[tuple[str, int], int] = {}
        self._notes: list[str] = []
        self._misspelled: list[tuple[str, Answer]] = []
        """The question that each key is similar to, and why the line was not read."""

    def add(self, line: _Line) -> None:
        """Sort in one line."""
        if line.key == LEARNER:
            self._learner = str(line.value or "")
            return

        if line.is_stray:
            place = _place(self._submission, line.number)
            problem = f"{place} `{one_line(line.value, 60)}` was not read"
            self._notes.append(f"{problem}: write `name: answer`, or a # before a note.")
            return

        found = _question(line.key, self._names)
        if found is None:
            self._add_unknown(line)
            return

        name, attempt = found
        answer = Answer(line.value, attempt, line.number)
        self._add_answer(name, answer)

    def _add_answer(self, name: str, answer: Answer) -> None:
        self._starts[name, answer.attempt] = answer.line
        # A sheet keeps earlier attempts; the latest one counts.
        before = self._answers.get(name)
        if before is None or answer.attempt > before.attempt:
            self._answers[name] = answer
        elif answer.attempt == before.attempt:
            self._answers[name] = _of_two(self._submission, name, before, answer)

    def _add_unknown(self, line: _Line) -> None:
        place = _place(self._submission, line.number)
        shown = one_line(line.key, 60)
        problem = f"{place} {self._exercise.id} has no question `{shown}`"
        similar = _similar(line.key, self._names)
        if not similar:
            self._notes.append(f"{problem}: the line was not read.")
            return

        problem += f"; did you mean `{similar}`?"
        unread = Answer(line.value, 1, line.number, problem)
        self._misspelled.append((similar, unread))

    def sheet(self) -> Sheet:
        """What all lines say together."""
        answers = dict(self._answers)
        notes = list(self._notes)
        for name, unread in self._misspelled:
            # The question may be answered on another line too.
            present = answers.get(name)
            if present is not None and not present.is_empty:
                notes.append(f"{unread.problem} The line was not read.")
            else:
                answers[name] = unread

        # A page has room for a few of them.
        more = len(notes) - _MOST_NOTES
        if more > 0:
            notes[_MOST_NOTES:] = [f"{more} more lines were not read."]

        return Sheet(self._learner, answers, notes, self._starts)


def _of_two(submission: Submission, name: str, first: Answer, second: Answer) -> Answer:
    """The answer of a question that is on two lines."""
    # An empty line is no second answer.
    if first.is_empty or second.value == first.value:
        return second
    if second.is_empty:
        return first

    places = f"{_place(submission, first.line)} and line {second.line}:"
    problem = f"{places} two answers to `{name}`; keep one of them"
    return msgspec.structs.replace(second, problem=problem)


def _question(key: str, names: Sequence[str]) -> tuple[str, int] | None:
    """The question and the attempt that a key means: ``weight`` or ``weight 2``."""
    if key in names:
        return key, 1

    lower = re.sub(f"^{_NUMBER}", "", key.strip().lower())
    plain = re.sub(r"[\s-]+", "_", lower)
    if plain in names:
        return plain, 1

    match = _ATTEMPT.fullmatch(plain)
    if match is None or match["name"] not in names:
        return None

    attempt = int(match["attempt"])
    if not 1 <= attempt <= MAX_ATTEMPT:
        return None

    return match["name"], attempt


def _similar(key: str, names: Sequence[str]) -> str:
    written = key[:80].lower()
    return closest(written, names, cutoff=0.7)


def _place(submission: Submission, line: int) -> str:
    return f"{submission.place(submission.name, line)}:"
