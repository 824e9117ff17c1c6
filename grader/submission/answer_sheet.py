"""Write, read and fill in a quiz's answer sheet, a YAML file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from grader.course import yaml_reader
from grader.course.draws import draw_numbers, fill
from grader.course.records import Exercise
from grader.errors import CourseError, SubmissionError, UsageError
from grader.files import replace_file
from grader.submission.files import read_answers, read_submission
from grader.text import printable


def answers(exercise: Exercise, path: Path) -> dict[str, str]:
    """The answers on the sheet at ``path``: question name to text, without empty answers."""
    written = read_answers(read_submission(exercise, path))
    given = {}
    for question in exercise.spec.questions:
        answer = written.get(question.name)
        if not answer:
            continue
        # A list is a shape, written as PyTorch prints it.
        if isinstance(answer, list):
            numbers = ", ".join(str(number) for number in answer)
            answer = f"[{numbers}]"
        given[question.name] = str(answer)
    return given


def sheet_learner(exercise: Exercise, path: Path, learner: str) -> str:
    """The learner that the sheet at ``path`` names; ``learner`` if it names nobody."""
    written = read_answers(read_submission(exercise, path))
    return str(written.get("learner") or learner)


def answer(exercise: Exercise, path: Path, name: str, text: str) -> None:
    """Write the answer to the question ``name`` into the sheet at ``path``; keep the rest as it is.

    Raises ``SubmissionError`` if the sheet's YAML has no place for it, and ``UsageError`` if
    the file cannot be written.
    """
    before = read_submission(exercise, path)
    expected = {**read_answers(before), name: text}
    source = before.source.decode("utf-8", "replace")
    # Plain text is the easiest to read. Quote it only if YAML would read it as another type.
    for scalar in (text, _quoted(text)):
        after = _with_value(source, name, scalar)
        if _parsed(after) == expected:
            break
    else:
        raise SubmissionError(
            f"the answer to `{name}` cannot be written there",
            place=str(path),
            advice="write it with an editor",
        )
    try:
        replace_file(path, after.encode())
    except OSError as error:
        raise UsageError(
            f"cannot be written ({error.strerror})",
            place=str(path),
            advice="go to a folder of your own",
        ) from None


def answered_sheet(learner: str, name: str, text: str) -> str:
    """A sheet with one answer and nothing else."""
    lines = [
        f"learner: {_quoted(learner)}",
        f"{name}: {_quoted(text)}",
    ]
    return "\n".join(lines) + "\n"


def questions(exercise: Exercise, learner: str) -> list[tuple[str, str]]:
    """The name and the text of each question, with the numbers drawn for ``learner``."""
    asked = []
    for question in exercise.spec.questions:
        numbers = draw_numbers(exercise.id, question, learner)
        asked.append((question.name, fill(question.ask, numbers)))
    return asked


def sheet(
    exercise: Exercise, learner: str, then: str = "", answers: Mapping[str, str] | None = None
) -> str:
    """A sheet for ``learner``, with one question after the other.

    ``then`` tells the learner what to do with the answered sheet; ``answers`` maps question
    names to answers that the sheet already contains.
    """
    # Neither YAML nor a terminal accepts control characters. The numbers are drawn for the same
    # replaced name, because that is the name that the sheet says.
    learner = printable(learner)
    # A line break in the title would end the comment.
    title = " ".join(exercise.spec.title.split())
    then = then or f"type: grade {exercise.id}"
    lines = [
        f"# {exercise.id}: {title}",
        f"# Write each answer after its colon, then {then}",
        "# A shape may be written (5, 4) or [5, 4] or 5 x 4.",
        "",
        "# The numbers below were drawn for this name; leave it as it is.",
        f"learner: {_quoted(learner)}",
    ]
    for name, text in questions(exercise, learner):
        lines.append("")
        lines += [f"# {line}" for line in text.splitlines()]
        if answers and name in answers:
            lines.append(f"{name}: {_quoted(answers[name])}")
        else:
            lines.append(f"{name}:")
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
