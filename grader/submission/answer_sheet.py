"""Write, read and fill in a quiz's answer sheet, a YAML file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from grader.course import yaml_reader
from grader.course.draws import draw_numbers, fill
from grader.course.records import Exercise
from grader.errors import CourseError, SubmissionError, UsageError, os_errors_as
from grader.files import replace_file
from grader.submission.files import read_submission
from grader.submission.sheet_reader import key_of_attempt, read_sheet
from grader.text import printable, single_spaced


def answers(exercise: Exercise, path: Path) -> dict[str, str]:
    """The answers on the sheet at ``path``: question name to text, without empty answers."""
    given = {}
    for name, written in read_sheet(exercise, read_submission(exercise, path)).answers.items():
        if written.is_empty or written.value is None:
            continue

        text = written.value
        # A list is a shape, written as PyTorch prints it.
        if isinstance(text, list):
            numbers = ", ".join(str(number) for number in text)
            text = f"[{numbers}]"

        given[name] = str(text)

    return given


def attempts(exercise: Exercise, path: Path) -> dict[str, int]:
    """The latest attempt that the sheet at ``path`` has for each question, from the second one."""
    sheet = read_sheet(exercise, read_submission(exercise, path))
    return {name: each.attempt for name, each in sheet.answers.items() if each.attempt > 1}


def answer(exercise: Exercise, path: Path, name: str, text: str, attempt: int = 1) -> None:
    """Write the answer to the question ``name`` into the sheet at ``path``; keep the rest as it is.

    Raises ``SubmissionError`` if the sheet's YAML has no place for it, and ``UsageError`` if
    the file cannot be written.
    """
    before = read_submission(exercise, path)
    key = key_of_attempt(name, attempt)
    source = before.source.decode("utf-8", "replace")
    written = _parsed(source)
    if isinstance(written, dict):
        after = _with_answer(source, {**written, key: text}, key, text)
    else:
        start = read_sheet(exercise, before).starts.get((name, attempt))
        after = _with_line(source, start, f"{key}: {_quoted(text)}")

    if after is None:
        raise SubmissionError(
            f"the answer to `{name}` cannot be written there",
            place=str(path),
            advice="write it with an editor",
        )

    _write(path, after)


def ask_again(exercise: Exercise, path: Path, learner: str, attempts: Mapping[str, int]) -> None:
    """Add questions to the sheet at ``path`` once more, with the numbers of these attempts.

    The answers to earlier attempts stay. Raises ``UsageError`` if the file cannot be written.
    """
    before = read_submission(exercise, path)
    known = read_sheet(exercise, before).answers
    lines = []
    for name, text in questions(exercise, learner, attempts):
        is_known = name in known and known[name].attempt >= attempts.get(name, 1)
        if name not in attempts or is_known:
            continue

        lines += _asked(text, key_of_attempt(name, attempts[name]))

    if not lines:
        return

    source = before.source.decode("utf-8", "replace").rstrip()
    _write(path, source + "\n" + "\n".join(lines) + "\n")


def answered_sheet(name: str, text: str, attempt: int) -> str:
    """A sheet with one answer and nothing else."""
    return f"{key_of_attempt(name, attempt)}: {_quoted(text)}\n"


def questions(
    exercise: Exercise, learner: str, attempts: Mapping[str, int] = {}
) -> list[tuple[str, str]]:
    """The name and the text of each question, with the numbers drawn for ``learner``.

    ``attempts`` maps names of questions to the attempt that asks; the others are asked first.
    """
    asked = []
    for question in exercise.spec.questions:
        attempt = attempts.get(question.name, 1)
        numbers = draw_numbers(exercise.id, question, learner, attempt)
        asked.append((question.name, fill(question.ask, numbers)))

    return asked


def sheet(
    exercise: Exercise,
    learner: str,
    then: str = "",
    answers: Mapping[str, str] | None = None,
    attempts: Mapping[str, int] = {},
) -> str:
    """A sheet for ``learner``, with one question after the other.

    ``then`` tells the learner what to do with the answered sheet; ``answers`` maps question
    names to answers that the sheet already contains, and ``attempts`` to the attempt that asks.
    """
    # Neither YAML nor a terminal accepts control characters. The numbers are drawn for the same
    # replaced name, because that is the name that the sheet says.
    learner = printable(learner)
    # A line break in the title would end the comment.
    title = single_spaced(exercise.spec.title)
    then = then or f"type: grade {exercise.id}"
    lines = [
        f"# {exercise.id}: {title}",
        f"# Write each answer after its colon, then {then}",
        "# A shape may be written (5, 4) or [5, 4] or 5 x 4.",
        "",
        "# The numbers below were drawn for this name; another name gets others.",
        f"learner: {_quoted(learner)}",
    ]
    for name, text in questions(exercise, learner, attempts):
        given = ""
        if answers and name in answers:
            given = _quoted(answers[name])

        lines += _asked(text, key_of_attempt(name, attempts.get(name, 1)), given)

    return "\n".join(lines) + "\n"


def _asked(text: str, key: str, given: str = "") -> list[str]:
    """The lines of a question on a sheet."""
    comments = [f"# {line}" for line in text.splitlines()]
    return ["", *comments, f"{key}: {given}".rstrip()]


def _write(path: Path, content: str) -> None:
    with os_errors_as(UsageError, "cannot be written", path, "go to a folder of your own"):
        replace_file(path, content.encode())


def _with_answer(source: str, expected: dict[str, Any], key: str, text: str) -> str | None:
    """A sheet in YAML with this answer; None if it has no place for it."""
    # Plain text is the easiest to read. Quote it only if YAML would read it as another type.
    for scalar in (text, _quoted(text)):
        after = _with_value(source, key, scalar)
        if _parsed(after) == expected:
            return after

    return None


def _with_line(source: str, number: int | None, line: str) -> str:
    """A sheet that is no YAML, with ``line`` in place of its line ``number`` or at the end."""
    lines = source.rstrip().splitlines()
    if number is None:
        lines += ["", line]
    else:
        lines[number - 1] = line

    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """``text`` as a YAML scalar in double quotes, which is JSON."""
    return json.dumps(text, ensure_ascii=False)


def _with_value(source: str, name: str, scalar: str) -> str:
    """The text of a sheet with another value for the key ``name``."""
    document = yaml.compose(source, Loader=yaml.SafeLoader)
    pairs = []
    if isinstance(document, yaml.MappingNode):
        pairs = document.value

    for key, value in pairs:
        if key.value != name:
            continue

        key_end = key.end_mark.index
        colon = source.index(":", key_end) + 1
        before = source[:colon]
        # An empty value ends where the key does, before the colon.
        after = source[max(_end(value), colon) :]
        return f"{before} {scalar}{after}"

    before = source.rstrip()
    if before:
        before += "\n\n"

    return f"{before}{name}: {scalar}\n"


def _end(node: Any) -> int:
    """The index at which a value ends in the text."""
    # PyYAML ends a block collection at the next token, after any comments, so the last scalar
    # in it decides.
    is_block = isinstance(node, yaml.CollectionNode) and not node.flow_style
    if is_block and node.value:
        last = node.value[-1]
        # A mapping contains pairs of key and value.
        if isinstance(last, tuple):
            _, last = last

        return _end(last)

    return int(node.end_mark.index)


def _parsed(source: str) -> Any:
    try:
        return yaml_reader.load(source.encode(), "", typed=False)
    except CourseError:
        return None
