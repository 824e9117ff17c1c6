"""A quiz's answer sheet: written, read and filled in."""

import contextlib
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
    """The answers on a sheet that is there, as they were written, by question; those left empty are left out."""
    spec = exercise.spec
    written = read_answers(read_submission(exercise, path))
    names = [question.name for question in spec.questions if written.get(question.name)]
    return {name: _as_text(written[name]) for name in names}


def sheet_learner(exercise: Exercise, path: Path, learner: str) -> str:
    """Whom the sheet at ``path`` was written for; ``learner`` where it does not say."""
    return str(read_answers(read_submission(exercise, path)).get("learner") or learner)


def answer(exercise: Exercise, path: Path, name: str, text: str) -> None:
    """Write an answer into the sheet at ``path``; all else in it stays as it is, to the letter."""
    before = read_submission(exercise, path)
    wanted = {**read_answers(before), name: text}
    source = before.source.decode("utf-8", "replace")
    # Plain where that reads back as it is; quotes always do.
    versions = (
        _answered(source, name, scalar) for scalar in (text, json.dumps(text, ensure_ascii=False))
    )
    after = next((version for version in versions if _read_back(version) == wanted), None)
    if after is None:
        raise SubmissionError(
            f"{path}: the answer to `{name}` cannot be put in there; write it in with an editor"
        )
    try:
        replace_file(path, after.encode())
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}); go to a folder of your own"
        ) from None


def answered_sheet(learner: str, name: str, text: str) -> str:
    """A sheet with one answer and nothing else."""
    return f"learner: {json.dumps(learner, ensure_ascii=False)}\n{name}: {json.dumps(text, ensure_ascii=False)}\n"


def _answered(source: str, name: str, scalar: str) -> str:
    """The text of a sheet with another value for one key."""
    document = yaml.compose(source, Loader=yaml.SafeLoader)
    for key, value in document.value if isinstance(document, yaml.MappingNode) else []:
        if key.value == name:
            begin, end = key.end_mark.index, _end(value)
            colon = source.index(":", begin) + 1
            return f"{source[:colon]} {scalar}{source[max(end, colon) :]}"
    return f"{source.rstrip()}\n\n{name}: {scalar}\n" if source.strip() else f"{name}: {scalar}\n"


def _end(node: Any) -> int:
    """Where a value ends in the text: a block's own mark stands only before what follows it, comments included."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _read_back(source: str) -> dict[str, Any] | None:
    with contextlib.suppress(CourseError):
        read = yaml_reader.load(source.encode(), "", typed=False)
        return read if isinstance(read, dict) else None
    return None


def _as_text(answer: Any) -> str:
    return f"[{', '.join(map(str, answer))}]" if isinstance(answer, list) else str(answer)


def questions(exercise: Exercise, learner: str) -> list[tuple[str, str]]:
    """A quiz's questions as put to ``learner``: name and text."""
    spec = exercise.spec
    return [
        (question.name, fill(question.ask, draw_numbers(exercise.id, question, learner)))
        for question in spec.questions
    ]


def sheet(
    exercise: Exercise, learner: str, then: str = "", answers: Mapping[str, str] | None = None
) -> str:
    """A quiz's questions, to be answered one a line; ``then`` says what to do when they are.

    ``answers`` to some of them, by name, stand there already.
    """
    # What neither YAML nor a terminal can hold becomes a question mark, for the drawing too.
    learner = printable(learner)
    lines = [
        f"# {exercise.id}: {' '.join(exercise.spec.title.split())}",
        f"# Write each answer after its colon, then {then or f'type: grade {exercise.id}'}",
        "# A shape may be written (5, 4) or [5, 4] or 5 x 4.",
        "",
        "# The numbers below were drawn for this name; leave it as it is.",
        f"learner: {json.dumps(learner, ensure_ascii=False)}",
    ]
    written = {name: json.dumps(text, ensure_ascii=False) for name, text in (answers or {}).items()}
    for name, text in questions(exercise, learner):
        lines += [
            "",
            *(f"# {line}" for line in text.splitlines()),
            f"{name}: {written.get(name, '')}".rstrip(),
        ]
    return "\n".join(lines) + "\n"
